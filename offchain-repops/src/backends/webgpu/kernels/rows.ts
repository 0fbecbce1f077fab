import type { Instruction, RowsKernel } from '../../../execute/plan/types.ts'
import type { Dispatch, Location, Shader } from '../Shader.ts'
import { operatorExpression } from '../wgsl/operators.ts'
import { coordinates, offset } from './coordinates.ts'
import { chainFunctions, reductionOf } from './reduction.ts'

const LANES = 32
const SEGMENT = 256

/**
 * Instructions become one text. Without reductions every element has a thread. With them every row has a group of
 * threads, which walks the row once for each reduction and once more to store; values of an element are computed
 * again in each walk, because nothing is as near as that.
 */
export function rows(
  kernel: RowsKernel,
  inputs: readonly Location[],
  outputs: readonly Location[],
  shader: Shader,
): Dispatch {
  const code = new RowCode(kernel, inputs, shader)
  const wholeRows = kernel.instructions.some(
    ({ op, perRow }, index) => isReduction(op) || (perRow && kernel.stores.includes(index)),
  )
  return wholeRows ? byRow(code, outputs) : byElement(code, outputs)
}

const isReduction = (op: string): boolean => op === 'ReduceSum' || op === 'ReduceMax'

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1)

function byElement(
  { kernel, inputs, shader, value }: RowCode,
  outputs: readonly Location[],
): Dispatch {
  const { dims, strides, instructions, stores } = kernel
  const whole = dims.map((_, axis) => product(dims.slice(axis + 1)))
  const count = product(dims)
  // An input that varies along every axis is read where the output is written.
  const index = strides.map((own) =>
    own.every((stride, axis) => stride === whole[axis] || dims[axis] === 1)
      ? 'i'
      : offset(shader, 'c', own),
  )
  const lines = index.some((expression) => expression.includes('c'))
    ? [coordinates(shader, 'i', dims, 'c')]
    : []
  inputs.forEach((location, k) => lines.push(`let x${k} = ${shader.read(location, index[k])};`))
  instructions.forEach((_, k) => lines.push(`let v${k} = ${value(k)};`))
  outputs.forEach((location, k) => lines.push(shader.write(location, 'i', `v${stores[k]}`)))
  return shader.dispatchEach(count, lines.join('\n  '))
}

function byRow(code: RowCode, outputs: readonly Location[]): Dispatch {
  const { kernel, inputs, shader } = code
  const { dims, instructions, stores } = kernel
  const outer = dims.slice(0, -1)
  const length = dims[dims.length - 1]
  const rowLength = shader.parameter(length)
  const threads = length > SEGMENT ? 8 * LANES : LANES
  const lines = [coordinates(shader, 'group', outer, 'c')]
  inputs.forEach((location, k) => {
    const base = offset(shader, 'c', kernel.strides[k].slice(0, -1))
    if (code.varies(k)) lines.push(`let base${k} = ${base};`)
    else lines.push(`let x${k} = ${shader.read(location, base)};`)
  })
  const declared = new Set<string>()
  instructions.forEach((instruction, k) => {
    if (!instruction.perRow) return
    if (!isReduction(instruction.op)) {
      lines.push(`let v${k} = ${code.value(k)};`)
      return
    }
    const name = `${instruction.op}_${instruction.type}`
    if (!declared.has(name)) shader.declare(segmentFunctions(name, instruction, threads, declared))
    declared.add(name)
    lines.push(reduce(code, k, name, rowLength, threads))
  })
  // All of the row has been read, by every thread, before any of it is overwritten.
  lines.push('storageBarrier();')
  const written = stores.map((instruction, k) => ({ instruction, location: outputs[k] }))
  const elements = written.filter(({ instruction }) => !instructions[instruction].perRow)
  if (elements.length > 0) {
    const store = elements.map(({ instruction, location }) =>
      shader.write(location, `group * ${rowLength} + i`, `v${instruction}`),
    )
    const walk = [...code.element(elements.map(({ instruction }) => instruction)), ...store]
    lines.push(`for (var i = thread; i < ${rowLength}; i += ${threads}u) {`, ...walk, '}')
  }
  for (const { instruction, location } of written) {
    if (!instructions[instruction].perRow) continue
    lines.push(`if (thread == 0u) { ${shader.write(location, 'group', `v${instruction}`)} }`)
  }
  return shader.dispatch(product(outer), threads, lines.join('\n  '))
}

/** A walk over the row, 256 elements to every 32 threads, that leaves `v${k}` in every thread. */
function reduce(code: RowCode, k: number, name: string, length: string, threads: number): string {
  const { combine, lane } = reductionOf(
    code.kernel.instructions[k].op,
    code.kernel.instructions[k].type,
  )
  const { expression, walk } = code.operand(k)
  return `${name}_start(0u);
  for (var first = 0u; first * ${SEGMENT}u < ${length}; first += ${threads / LANES}u) {
    let begin = (first + thread / ${LANES}u) * ${SEGMENT}u;
    let end = min(begin + ${SEGMENT}u, ${length});
    var sum = ${lane};
    for (var i = begin + thread % ${LANES}u; i < end; i += ${LANES}u) {
      ${walk.join('\n      ')}
      sum = ${combine('sum', expression)};
    }
    ${name}_segments(thread, first, ${length}, sum);
  }
  let v${k} = ${name}_end(0u);`
}

/** Combines the lanes of each segment at hand and pushes the segments' results, in every thread. */
function segmentFunctions(
  name: string,
  { op, type }: Instruction,
  threads: number,
  declared: ReadonlySet<string>,
): string {
  const reduction = reductionOf(op, type)
  const lanes = declared.size === 0 ? `var<workgroup> lanes: array<u32, ${threads}>;` : ''
  return `${lanes}
${chainFunctions(name, reduction, 1)}

fn ${name}_segments(thread: u32, first: u32, length: u32, sum: u32) {
  lanes[thread] = sum;
  for (var width = ${LANES / 2}u; width > 0u; width >>= 1u) {
    workgroupBarrier();
    if (thread % ${LANES}u < width) {
      lanes[thread] = ${reduction.combine('lanes[thread]', 'lanes[thread + width]')};
    }
  }
  workgroupBarrier();
  for (var s = 0u; s < ${threads / LANES}u && (first + s) * ${SEGMENT}u < length; s++) {
    ${name}_push(0u, first + s, lanes[s * ${LANES}u]);
  }
  workgroupBarrier();
}`
}

/** The instructions of a kernel as expressions: inputs are x0, x1, …, values v0, v1, …. */
class RowCode {
  readonly kernel: RowsKernel
  readonly inputs: readonly Location[]
  readonly shader: Shader

  constructor(kernel: RowsKernel, inputs: readonly Location[], shader: Shader) {
    this.kernel = kernel
    this.inputs = inputs
    this.shader = shader
  }

  /** Whether an input varies along the row. */
  varies(input: number): boolean {
    const strides = this.kernel.strides[input]
    return strides[strides.length - 1] !== 0
  }

  readonly value = (k: number): string => {
    const { op, type, operands } = this.kernel.instructions[k]
    const names = operands.map(({ kind, index }) => (kind === 'input' ? `x${index}` : `v${index}`))
    return operatorExpression(op, type, names)
  }

  /** Statements that leave the values of some per-element instructions at element i of the row. */
  element(wanted: readonly number[]): string[] {
    return this.#walk(wanted.map((index) => ({ kind: 'instruction' as const, index })))
  }

  /** The operand of reduction k: statements for element i of the row, and the expression after them. */
  operand(k: number): { readonly walk: string[]; readonly expression: string } {
    const [operand] = this.kernel.instructions[k].operands
    const expression = `${operand.kind === 'input' ? 'x' : 'v'}${operand.index}`
    return { walk: this.#walk([operand]), expression }
  }

  #walk(wanted: readonly Instruction['operands'][number][]): string[] {
    const inputs = new Set<number>()
    const values = new Set<number>()
    const need = ({ kind, index }: Instruction['operands'][number]): void => {
      if (kind === 'input') {
        if (this.varies(index)) inputs.add(index)
      } else if (!this.kernel.instructions[index].perRow && !values.has(index)) {
        values.add(index)
        this.kernel.instructions[index].operands.forEach(need)
      }
    }
    wanted.forEach(need)
    const ascending = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b)
    return [
      ...ascending(inputs).map(
        (k) => `let x${k} = ${this.shader.read(this.inputs[k], `base${k} + i`)};`,
      ),
      ...ascending(values).map((k) => `let v${k} = ${this.value(k)};`),
    ]
  }
}
