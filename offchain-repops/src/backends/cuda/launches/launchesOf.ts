import type { Kernel } from '../../../execute/plan/types.ts'
import type { Address } from '../driver.ts'
import { columnsLaunches } from './columns.ts'
import {
  concatLaunches,
  copyLaunches,
  generateLaunches,
  indexedLaunches,
  moveLaunches,
} from './data.ts'
import type { Launch, Workspace } from './launch.ts'
import { matmulLaunches } from './matmul.ts'
import { rowsLaunches } from './rows.ts'

/** What the device has to do for one kernel of a plan. */
export function launchesOf(
  kernel: Kernel,
  inputs: readonly Address[],
  outputs: readonly Address[],
  workspace: Workspace,
): Launch[] {
  switch (kernel.kind) {
    case 'rows':
      return rowsLaunches(kernel, inputs, outputs, workspace)
    case 'columns':
      return columnsLaunches(kernel, inputs, outputs, workspace)
    case 'matmul':
      return matmulLaunches(kernel, inputs, outputs, workspace)
    case 'move':
      return moveLaunches(kernel, inputs, outputs, workspace)
    case 'concat':
      return concatLaunches(kernel, inputs, outputs, workspace)
    case 'indexed':
      return indexedLaunches(kernel, inputs, outputs, workspace)
    case 'generate':
      return generateLaunches(kernel, outputs, workspace)
    case 'copy':
      return copyLaunches(kernel, inputs, outputs)
  }
}
