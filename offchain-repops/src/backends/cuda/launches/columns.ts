import type { ColumnsKernel } from '../../../execute/plan/types.ts'
import type { Address } from '../driver.ts'
import { divider, parameters } from '../parameters.ts'
import { perItem, type KernelLaunch, type Workspace } from './launch.ts'

const SEGMENT = 256

/** `Combine` of cuda/kernels/fold.cuh. */
const COMBINES = { sum_f32: 0, sum_i32: 1, max_f32: 2, max_i32: 3 } as const

export function columnsLaunches(
  { op, type, O, K, I }: ColumnsKernel,
  [x]: readonly Address[],
  [out]: readonly Address[],
  workspace: Workspace,
): KernelLaunch[] {
  const combine = `${op === 'ReduceSum' ? 'sum' : 'max'}_${type}` as const
  const segments = Math.ceil(K / SEGMENT)
  const results = segments === 1 ? out : workspace.scratch(O * segments * I * 4)
  const reduce = perItem(
    `columns_${combine}`,
    O * segments * I,
    parameters(x, results, O, K, divider(I), divider(segments)),
    workspace,
    128,
  )
  if (segments === 1) return [reduce]
  const fold = perItem(
    'fold',
    O * I,
    parameters(results, out, O, segments, divider(I), COMBINES[combine]),
    workspace,
  )
  return [reduce, fold]
}
