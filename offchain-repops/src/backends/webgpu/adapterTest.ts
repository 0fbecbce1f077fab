import { encodeDispatch, type Gpu } from './Gpu.ts'
import { Shader } from './Shader.ts'
import {
  ARITY,
  floatFunction,
  HARDWARE,
  INTEGER_ARITHMETIC,
  OPERATIONS,
  type Hardware,
  type Operation,
} from './wgsl/arithmetic.ts'
import { libraryOf } from './wgsl/library.ts'

/** What the test found of one operation of the device's floats. */
export interface FloatTrial {
  readonly operation: Operation
  readonly cases: number
  /** Cases in which its bits are not those of the integer arithmetic. */
  readonly wrong: number
  /** Bits of the operands of one of them. */
  readonly example: readonly number[] | undefined
}

/** Patterns at which arithmetic changes its mind; with both signs, so 64. */
const CORNERS = [
  0x00000000, 0x00000001, 0x00000002, 0x00000003, 0x00400000, 0x007ffffe, 0x007fffff, 0x00800000,
  0x00800001, 0x00ffffff, 0x01000000, 0x33000000, 0x33800000, 0x33800001, 0x34000000, 0x34000001,
  0x3effffff, 0x3f000000, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fffffff, 0x40000000, 0x40400000,
  0x4b7fffff, 0x4b800000, 0x5f000000, 0x7effffff, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7fc00000,
] // prettier-ignore

const CUBE = 64 ** 3
/** Every choice of three corners, then five families of random operands; as many cases of each. */
const FAMILIES = 6

/**
 * Compares the device's floats with the integer arithmetic, on the device: WGSL promises the bits of integers and none
 * of floats. An operation without a wrong case may be used in the place of the integer one.
 */
export async function adapterTest(
  gpu: Gpu,
  hardware: Hardware = HARDWARE,
  operations: readonly Operation[] = OPERATIONS,
): Promise<readonly FloatTrial[]> {
  const trials: FloatTrial[] = []
  for (const operation of operations) trials.push(await trial(gpu, operation, hardware))
  return trials
}

async function trial(gpu: Gpu, operation: Operation, hardware: Hardware): Promise<FloatTrial> {
  const library = libraryOf(
    INTEGER_ARITHMETIC,
    hardware[operation],
    floatFunction(operation, 'by_device'),
    OPERANDS,
  )
  const shader = new Shader(library)
  shader.declare(
    'struct Found { wrong: atomic<u32>, operands: array<u32, 3> }\nvar<workgroup> found: Found;',
  )
  const operands = ['x.x', 'x.y', 'x.z'].slice(0, ARITY[operation]).join(', ')
  const dispatch = shader.dispatch(
    (FAMILIES * CUBE) / GROUP,
    64,
    `for (var i = thread; i < ${GROUP}u; i += 64u) {
    let x = operands(group * ${GROUP}u + i);
    if (by_device(${operands}) != f_${operation}(${operands})) {
      if (atomicAdd(&found.wrong, 1u) == 0u) { found.operands = array<u32, 3>(x.x, x.y, x.z); }
    }
  }
  workgroupBarrier();
  if (thread == 0u) {
    arena[4u * group] = atomicLoad(&found.wrong);
    for (var k = 0u; k < 3u; k++) { arena[4u * group + 1u + k] = found.operands[k]; }
  }`,
  )
  const groups = (FAMILIES * CUBE) / GROUP
  const buffers = [await gpu.storage(4 * groups), await gpu.storage(64), await gpu.storage(64)]
  const [results, corners, parameters] = buffers
  try {
    const pipeline = await gpu.pipeline(dispatch.code)
    const both = [...CORNERS, ...CORNERS.map((bits) => (bits | 0x80000000) >>> 0)]
    gpu.device.queue.writeBuffer(corners, 0, Uint32Array.from(both))
    gpu.device.queue.writeBuffer(parameters, 0, new Uint32Array(dispatch.parameters))
    const arena = { buffer: results, at: 0, words: 4 * groups }
    const bindings = gpu.bind({
      arena,
      states: gpu.unused,
      constants: { buffer: corners, at: 0, words: 64 },
      parameters: { buffer: parameters, at: 0, words: 64 },
    })
    const [words] = await gpu.submit((encoder) => {
      const pass = encoder.beginComputePass()
      encodeDispatch(pass, pipeline, bindings, dispatch)
      pass.end()
    }, arena)
    let wrong = 0
    let example: number[] | undefined
    for (let group = 0; group < groups; group++) {
      if (words[4 * group] === 0) continue
      wrong += words[4 * group]
      example ??= [1, 2, 3].slice(0, ARITY[operation]).map((k) => words[4 * group + k] >>> 0)
    }
    return { operation, cases: FAMILIES * CUBE, wrong, example }
  } finally {
    for (const buffer of buffers) buffer.destroy()
  }
}

const GROUP = 4096 // cases to 64 threads

const OPERANDS = `
fn hashed(x: u32) -> u32 { // PCG (Jarzynski and Olano, "Hash Functions for GPU Rendering", 2020)
  let state = x * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

fn with_exponent(bits: u32, e: u32) -> u32 {
  return (bits & 0x807fffffu) | (clamp(e, 1u, 254u) << 23u);
}

fn operands(index: u32) -> vec3u {
  let i = index % ${CUBE}u;
  let x = vec3u(hashed(3u * index), hashed(3u * index + 1u), hashed(3u * index + 2u));
  let e = (x >> vec3u(23u)) & vec3u(0xffu);
  let signs = x & vec3u(0x80000000u);
  switch index / ${CUBE}u {
    case 0u: { return vec3u(constants[i % 64u], constants[(i / 64u) % 64u], constants[i / 4096u]); }
    case 1u: { return x; }
    case 2u: { // all three near each other, or c near the product
      let near = 127u + (x.z & 31u) - 16u;
      return vec3u(with_exponent(x.x, near), with_exponent(x.y, near + (x.z >> 5u) % 50u - 25u),
        with_exponent(x.z, near + (x.y & 63u) - 32u));
    }
    case 3u: { // results around the smallest numbers, and subnormal operands
      let other = 127u + 127u - 23u + (x.z & 15u) - min(e.x, 200u);
      let a = select(with_exponent(x.x, e.x), x.x & 0x807fffffu, (x.z & 0x300u) == 0u);
      return vec3u(a, with_exponent(x.y, min(other, 254u)), x.z & 0x81ffffffu);
    }
    case 4u: { // few bits, so that results often lie half-way between two numbers
      let few = (x & vec3u(0x80000000u)) | (vec3u(127u) << vec3u(23u)) | (x & vec3u(0x007ff000u));
      return vec3u(few.x, few.y, with_exponent(few.z & ~(x.x << 12u), 127u + (x.y & 63u) - 32u));
    }
    default: { // b next to a, c next to a, −a, −a·a or a ulp of those: cancellation
      let a = with_exponent(x.x, 64u + (e.x & 127u));
      let b = ((a + (x.y & 7u) - 4u) & 0x7fffffffu) | signs.y;
      let square = f_mul(a, select(a, b, (x.z & 1u) == 1u));
      let c = select(a, square, (x.z & 2u) == 2u);
      return vec3u(a, b, ((c + ((x.z >> 2u) & 3u) - 2u) & 0x7fffffffu) | signs.z);
    }
  }
}
`
