import type { RowsKernel } from '../../../execute/plan/types.ts'
import type { Address } from '../driver.ts'
import { divider, parameters } from '../parameters.ts'
import { blocksFor, type KernelLaunch, type Workspace } from './launch.ts'
import { flatProgram, isReduction, rowsProgram, type RowsProgram } from './rowsProgram.ts'

const SEGMENT = 256
const WARP = 32
const ELEMENTS = 8 // of a thread at a time: cuda/kernels/rows.cuh
const GROUP = 16 // warps at most that share a row: one group of segments in each round
const LONE_TEAMS = 4 // rows of a block where one warp is enough for a row

/** `Pattern` of cuda/kernels/rows.cuh. */
const Pattern = { byElement: 0, byRow: 1, dense: 2, uniform: 3, periodic: 4 } as const

export function rowsLaunches(
  kernel: RowsKernel,
  inputs: readonly Address[],
  outputs: readonly Address[],
  workspace: Workspace,
): KernelLaunch[] {
  const { instructions, stores } = kernel
  const reduces = instructions.some(isReduction)
  const allByRow = instructions.every(({ perRow }) => perRow)
  const storesRows = stores.some((i) => instructions[i].perRow)
  if (!reduces && (allByRow || !storesRows))
    return [flat(allByRow ? oneElementRows(kernel) : kernel, inputs, outputs, workspace)]
  return [byRows(kernel, inputs, outputs, workspace)]
}

/** Every value is one word for a row: the rows themselves are the elements. */
const oneElementRows = (kernel: RowsKernel): RowsKernel => ({
  ...kernel,
  dims: [...kernel.dims.slice(0, -1), 1],
})

function flat(
  kernel: RowsKernel,
  inputs: readonly Address[],
  outputs: readonly Address[],
  workspace: Workspace,
): KernelLaunch {
  const threads = 256
  const program = flatProgram(kernel)
  const patterns = kernel.strides.map((strides) => flatPattern(kernel.dims, strides))
  const total = kernel.dims.reduce((a, b) => a * b, 1)
  const warps = Math.ceil(total / SEGMENT)
  const { spill, valueBytes, blocks } = placeValues(
    program,
    threads,
    blocksFor(warps * WARP, threads, workspace),
    0,
    workspace,
  )
  const shape = { kernel, program, patterns, inputs, outputs, spill, warps: 1 }
  return {
    kind: 'kernel',
    kernel: 'rows_flat',
    blocks,
    threads,
    sharedBytes: valueBytes,
    parameters: rowsParameters(shape, workspace),
  }
}

function flatPattern(dims: readonly number[], strides: readonly number[]): number {
  const last = dims.length - 1
  const moving = dims.flatMap((dim, axis) => (dim > 1 && strides[axis] !== 0 ? axis : []))
  if (moving.length === 0) return Pattern.uniform
  let size = 1
  let dense = true
  for (let axis = last; axis >= 0; axis--) {
    if (dims[axis] > 1 && strides[axis] !== size) dense = false
    size *= dims[axis]
  }
  if (dense) return Pattern.dense
  if (dims[last] === 1 || strides[last] === 0) return Pattern.byRow
  return moving.length === 1 ? Pattern.periodic : Pattern.byElement
}

function byRows(
  kernel: RowsKernel,
  inputs: readonly Address[],
  outputs: readonly Address[],
  workspace: Workspace,
): KernelLaunch {
  const length = kernel.dims[kernel.dims.length - 1]
  const rows = kernel.dims.slice(0, -1).reduce((a, b) => a * b, 1)
  const segments = Math.ceil(length / SEGMENT)
  const warps = Math.min(segments, GROUP)
  const teams = warps === 1 ? LONE_TEAMS : 1
  const threads = WARP * warps * teams
  // Values kept from pass to pass need places of their own; where those are too many, passes compute them again.
  const resident = segments <= GROUP ? rowsProgram(kernel, true) : undefined
  const fits = (program: RowsProgram): boolean =>
    valueBytesOf(program, threads) + teamBytes(kernel, program) * teams <= workspace.sharedBytes
  const program = resident && fits(resident) ? resident : rowsProgram(kernel, false)

  const ownBytes = teamBytes(kernel, program) * teams
  const { spill, valueBytes, blocks } = placeValues(
    program,
    threads,
    blocksFor(rows, teams, workspace),
    ownBytes,
    workspace,
  )
  const patterns = kernel.strides.map((strides) =>
    length > 1 && strides[strides.length - 1] === 1 ? Pattern.byElement : Pattern.byRow,
  )
  const shape = { kernel, program, patterns, inputs, outputs, spill, warps }
  return {
    kind: 'kernel',
    kernel: 'rows',
    blocks,
    threads,
    sharedBytes: valueBytes + ownBytes,
    parameters: rowsParameters(shape, workspace),
  }
}

const valueBytesOf = ({ values }: RowsProgram, threads: number): number =>
  values * ELEMENTS * threads * 4

const mostReductions = ({ phases }: RowsProgram): number =>
  Math.max(...phases.map(({ reductions }) => reductions.length))

/** Offsets of the inputs, two rounds of segment results, row values; an even number of words. */
function teamBytes({ strides }: RowsKernel, program: RowsProgram): number {
  const words = 2 * strides.length + program.rowValues + 2 * mostReductions(program) * GROUP
  return Math.ceil(words / 2) * 8
}

/** Values live in shared memory, or, where a program has too many of them, in memory that few blocks share. */
function placeValues(
  program: RowsProgram,
  threads: number,
  blocks: number,
  ownBytes: number,
  workspace: Workspace,
): { spill: Address; valueBytes: number; blocks: number } {
  const bytes = valueBytesOf(program, threads)
  if (bytes + ownBytes <= workspace.sharedBytes) return { spill: 0n, valueBytes: bytes, blocks }
  const few = Math.min(blocks, 2 * workspace.processors)
  return { spill: workspace.scratch(few * bytes), valueBytes: 0, blocks: few }
}

/** `struct RowsParameters` of cuda/kernels/rows.cuh, and the tables it points to. */
function rowsParameters(
  shape: {
    readonly kernel: RowsKernel
    readonly program: RowsProgram
    readonly patterns: readonly number[]
    readonly inputs: readonly Address[]
    readonly outputs: readonly Address[]
    readonly spill: Address
    readonly warps: number
  },
  workspace: Workspace,
): bigint[] {
  const { kernel, program, patterns, inputs, outputs, spill, warps } = shape
  const outer = kernel.dims.slice(0, -1)
  const reductions = program.phases.flatMap((phase) => phase.reductions)
  let first = 0
  const phases = program.phases.flatMap(({ row, elements, reductions: own }) => {
    const words = parameters(row, elements, own.length, first)
    first += own.length
    return words
  })
  return parameters(
    workspace.table(program.code),
    workspace.table(inputs.flatMap((address, i) => parameters(address, patterns[i]))),
    workspace.table(kernel.strides.flatMap((strides) => parameters(strides.slice(0, -1)))),
    workspace.table(outer.flatMap(divider)),
    workspace.table(outputs),
    workspace.table(phases),
    workspace.table(reductions.flatMap(({ code, rowValue }) => parameters(code, rowValue))),
    spill,
    [inputs.length, outer.length, program.phases.length, program.values, program.rowValues],
    mostReductions(program),
    [outer.reduce((a, b) => a * b, 1), warps],
    divider(kernel.dims[kernel.dims.length - 1]),
  )
}
