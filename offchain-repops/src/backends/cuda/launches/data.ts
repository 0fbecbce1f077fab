import { NAN_BITS } from '../../../numbers/bits.ts'
import type {
  ConcatKernel,
  CopyKernel,
  GenerateKernel,
  IndexedKernel,
  MoveKernel,
} from '../../../execute/plan/types.ts'
import type { Address } from '../driver.ts'
import { divider, parameters } from '../parameters.ts'
import { perItem, type KernelLaunch, type Launch, type Workspace } from './launch.ts'

/** `struct MoveParameters` of cuda/kernels/data.cuh. */
export function moveLaunches(
  { form: { inDims, outDims, axes, fill } }: MoveKernel,
  [x]: readonly Address[],
  [out]: readonly Address[],
  workspace: Workspace,
): KernelLaunch[] {
  const count = outDims.reduce((a, b) => a * b, 1)
  const coefficients = outDims.flatMap((_, axis) =>
    axes.map(({ terms }) => terms.find((term) => term.axis === axis)?.coefficient ?? 0),
  )
  const words = parameters(
    [x, out, count, fill >>> 0],
    workspace.table(
      axes.flatMap(({ offset, divisor }, j) => parameters(offset, inDims[j], divider(divisor))),
    ),
    workspace.table(outDims.flatMap(divider)),
    workspace.table(parameters(coefficients)),
    [inDims.length, outDims.length],
  )
  return [perItem('move', count, words, workspace)]
}

const MOST_INPUTS = 8

/** `struct ConcatParameters`. */
export function concatLaunches(
  { O, I, sizes }: ConcatKernel,
  inputs: readonly Address[],
  [out]: readonly Address[],
  workspace: Workspace,
): KernelLaunch[] {
  const padded = <T>(values: readonly T[], by: T): T[] =>
    Array.from({ length: MOST_INPUTS }, (_, i) => values[i] ?? by)
  let end = 0
  const ends = sizes.map((size) => (end += size * I))
  const count = O * end
  const words = parameters(
    padded(inputs, 0n),
    padded(ends, 0),
    [out, count, inputs.length],
    divider(end),
  )
  return [perItem('concat', count, words, workspace)]
}

export function indexedLaunches(
  kernel: IndexedKernel,
  inputs: readonly Address[],
  [out]: readonly Address[],
  workspace: Workspace,
): KernelLaunch[] {
  const { op, type, B, V, R, Q } = kernel
  if (op === 'ScatterAdd') return scatterLaunches(kernel, inputs, out, workspace)
  const [x, index] = inputs
  const missing = type === 'f32' ? NAN_BITS : 0
  // struct GatherParameters
  const words = parameters([x, index, out, B * Q * R, V, missing], divider(R), divider(Q))
  return [perItem('gather', B * Q * R, words, workspace)]
}

const SORT_THREADS = 256

/** Sorts the places by index, then adds up the run of each v. */
function scatterLaunches(
  { B, V, R, Q }: IndexedKernel,
  [index, g]: readonly Address[],
  out: Address,
  workspace: Workspace,
): KernelLaunch[] {
  const placeBytes = 2 * B * Q * 4
  const places = workspace.scratch(placeBytes + 2 * B * V * 4)
  const runs = places + BigInt(placeBytes)
  // Pairs of eight-bit passes, such that an index outside of [0, V) is sorted behind V − 1.
  const passes = V < 2 ** 16 ? 2 : 4
  return [
    {
      kind: 'kernel',
      kernel: 'scatter_sort',
      blocks: Math.min(B, 2 ** 20),
      threads: SORT_THREADS,
      sharedBytes: 0,
      parameters: parameters(index, places, runs, B, V, Q, passes), // struct SortParameters
    },
    perItem(
      'scatter_add',
      B * V * R,
      parameters([g, out, places, runs, B * V * R, Q], divider(V), divider(R)), // struct ScatterParameters
      workspace,
    ),
  ]
}

export function generateLaunches(
  { op, N, stream }: GenerateKernel,
  [out]: readonly Address[],
  workspace: Workspace,
): KernelLaunch[] {
  if (op === 'Iota') return [perItem('iota', N, parameters(out, N), workspace)]
  const words = parameters(out, N, stream, workspace.context)
  return [perItem('philox', Math.ceil(N / 4), words, workspace)]
}

export function copyLaunches(
  { count }: CopyKernel,
  [x]: readonly Address[],
  [out]: readonly Address[],
): Launch[] {
  return [{ kind: 'copy', to: out, from: x, bytes: 4 * count }]
}
