import type { Dispatch, Location, Shader } from '../Shader.ts'

const LEAF = 256 // words
const RATE = 17 // lanes of 64 bits

/** Rotation of each lane x + 5·y, as in the specification of Keccak. */
const ROTATIONS = [
  0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
] // prettier-ignore

const lanes = Array.from({ length: 25 }, (_, lane) => lane)

/** keccak-256 of the leaves of a slot of `count` words: eight words a leaf. A thread to a leaf. */
export function keccakLeaves(count: number, x: Location, out: Location, shader: Shader): Dispatch {
  const limit = shader.parameter(count)
  shader.declare(`
fn message(leaf: u32, lane: u32) -> vec2u { // a lane of the padded leaf
  if (lane >= 128u) { return vec2u(u32(lane == 128u), u32(lane == 135u) << 31u); }
  let at = ${LEAF}u * leaf + 2u * lane;
  var words = vec2u(0u);
  if (at < ${limit}) { words.x = ${shader.read(x, 'at')}; }
  if (at + 1u < ${limit}) { words.y = ${shader.read(x, 'at + 1u')}; }
  return words;
}

${KECCAK_ROUNDS}`)
  const leaves = Math.ceil(count / LEAF)
  return shader.dispatchEach(
    leaves,
    `var a: array<vec2u, 25>;
  for (var block = 0u; block < 8u; block++) {
    for (var lane = 0u; lane < ${RATE}u; lane++) { a[lane] ^= message(i, ${RATE}u * block + lane); }
    permute(&a);
  }
  for (var word = 0u; word < 8u; word++) { ${shader.write(out, '8u * i + word', 'a[word / 2u][word % 2u]')} }`,
  )
}

const rotated = (value: string, by: number): string => {
  const [low, high] = by < 32 ? ['x', 'y'] : ['y', 'x']
  const n = by % 32
  if (n === 0) return `${value}.${low}${high}`
  return `((${value}.${low}${high} << vec2u(${n}u)) | (${value}.${high}${low} >> vec2u(${32 - n}u)))`
}

/** Lanes are named while a permutation runs: indexed ones would lie in memory. */
const KECCAK_ROUNDS = `
const ROUND_CONSTANTS = array<vec2u, 24>(${roundConstants()
  .map(([low, high]) => `vec2u(${low}u, ${high}u)`)
  .join(', ')});

fn permute(state: ptr<function, array<vec2u, 25>>) {
  ${lanes.map((lane) => `var a${lane} = (*state)[${lane}];`).join(' ')}
  for (var round = 0u; round < 24u; round++) {
    ${[0, 1, 2, 3, 4].map((x) => `let c${x} = a${x} ^ a${x + 5} ^ a${x + 10} ^ a${x + 15} ^ a${x + 20};`).join(' ')}
    ${[0, 1, 2, 3, 4].map((x) => `let d${x} = c${(x + 4) % 5} ^ ${rotated(`c${(x + 1) % 5}`, 1)};`).join(' ')}
    ${lanes
      .map((lane) => {
        const [x, y] = [lane % 5, Math.floor(lane / 5)]
        const to = y + 5 * ((2 * x + 3 * y) % 5)
        return `let t${lane} = a${lane} ^ d${x}; let b${to} = ${rotated(`t${lane}`, ROTATIONS[lane])};`
      })
      .join(' ')}
    ${lanes
      .map((lane) => {
        const [x, row] = [lane % 5, 5 * Math.floor(lane / 5)]
        return `a${lane} = b${lane} ^ (~b${row + ((x + 1) % 5)} & b${row + ((x + 2) % 5)});`
      })
      .join(' ')}
    a0 ^= ROUND_CONSTANTS[round];
  }
  ${lanes.map((lane) => `(*state)[${lane}] = a${lane};`).join(' ')}
}`

/** Low and high words, from the shift register of the specification. */
function roundConstants(): [low: number, high: number][] {
  let register = 1
  return Array.from({ length: 24 }, () => {
    let constant = 0n
    for (let j = 0; j <= 6; j++) {
      if (register & 1) constant |= 1n << BigInt(2 ** j - 1)
      register = register & 0x80 ? (register << 1) ^ 0x171 : register << 1
    }
    return [Number(constant & 0xffffffffn), Number(constant >> 32n)]
  })
}
