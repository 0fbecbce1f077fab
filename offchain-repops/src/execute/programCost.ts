import type { Program } from '../program/types.ts'
import { outputOf, reducedLength } from '../program/wants.ts'
import { bytesOf } from './bytesOf.ts'
import { planStep } from './plan/planStep.ts'

/** What a program takes to run, before anything of it is run or allocated. */
export interface ProgramCost {
  readonly stateBytes: number
  readonly constantBytes: number
  /** Memory for the outputs of nodes in an ordinary step. */
  readonly bufferBytes: number
  /** Bytes that are hashed for the graph root of a step. */
  readonly graphBytes: number
  /** Elements computed in a step, each reduction counted by the elements it reduces. */
  readonly operations: number
}

/** `fuse`: on a backend that computes several nodes at once. */
export function programCost(
  program: Program,
  { fuse = false }: { readonly fuse?: boolean } = {},
): ProgramCost {
  const { arenaWords } = planStep(program, { advance: true, fuse })
  const outputs = program.nodes.map(outputOf)
  return {
    stateBytes: bytesOf(program.states),
    constantBytes: bytesOf(program.constants),
    bufferBytes: 4 * arenaWords,
    graphBytes: bytesOf(outputs),
    operations: program.nodes.reduce(
      (sum, node, i) => sum + outputs[i].count * reducedLength(node),
      0,
    ),
  }
}
