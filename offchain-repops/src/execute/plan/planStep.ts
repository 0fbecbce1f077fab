import type { Program } from '../../program/types.ts'
import { ancestors } from './ancestors.ts'
import { draftTasks, type Keeping } from './draft.ts'
import { fuseMoves } from './fuseMoves.ts'
import { fuseRows } from './fuseRows.ts'
import { layOut } from './layOut.ts'
import type { Plan } from './types.ts'

/** What a plan is for. */
export interface PlanRequest {
  /** Whether the states become their next values. */
  readonly advance: boolean
  /** Nodes whose outputs are there after the last task. */
  readonly kept?: Iterable<number>
  /** Runs every node in a task of its own, in program order, and commits to its output. */
  readonly commit?: boolean
  /** Whether tasks may compute several nodes at once; not where every node is committed to. */
  readonly fuse?: boolean
  /** Nodes that have to be tasks of their own all the same. */
  readonly isAlone?: (node: number) => boolean
}

/** A plan of which some outputs are read afterwards. */
export interface StepPlan extends Plan {
  /** Slot of each node that was to be kept. */
  readonly kept: ReadonlyMap<number, number>
}

/** Plans a step of a program: the tasks that compute what is wanted, and where every tensor lies. */
export function planStep(program: Program, request: PlanRequest): StepPlan {
  const { advance, commit = false, fuse = false, isAlone = () => false } = request
  const kept = new Set(request.kept)
  const results = advance ? program.states.flatMap(({ next }) => next ?? []) : []
  const running = commit
    ? program.nodes.map((_, index) => index)
    : [...ancestors(program, [...results, ...kept])].sort((a, b) => a - b)
  const drafts = draftTasks(program, running)
  const keeping: Keeping = { needed: new Set([...results, ...kept]), isAlone }
  const tasks =
    fuse && !commit ? fuseRows(program, fuseMoves(program, drafts, keeping), keeping) : drafts
  return layOut(program, tasks, { advance, commit, kept })
}
