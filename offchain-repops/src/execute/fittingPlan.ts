import type { Backend } from '../backends/backend.ts'
import type { Program } from '../program/types.ts'
import { bytesOf } from './bytesOf.ts'
import { checkMemory } from './checkMemory.ts'
import { onlyUsed, type SmallerPlan } from './onlyUsed.ts'
import { planStep, type PlanRequest, type StepPlan } from './plan/planStep.ts'

/** One flipped bit in one output of one step: what a cheating solver does, for tests and the demo. */
export interface Corruption {
  readonly step: number
  readonly node: number
  readonly element: number
  /** 0 (lowest) to 31. */
  readonly bit: number
}

/** What `planStep` does, there or elsewhere. */
export type Planner = (program: Program, request: PlanRequest) => StepPlan | Promise<StepPlan>

/** How steps are planned, beside what the backend wants. */
export interface PlanningOptions {
  readonly corruption?: Corruption | undefined
  /** What the tensors may take of the machine's memory; by default all that this process may. */
  readonly memoryBytes?: number | undefined
  /** Who plans; `planStep`, in the caller's thread, by default. */
  readonly plan?: Planner | undefined
}

/**
 * The plan of a step for a backend. Throws a TooLargeError where it takes more memory than there is, with the tensors
 * that are given to it counted; none of it has to be there.
 */
export async function fittingPlan(
  program: Program,
  backend: Pick<Backend, 'fuses' | 'isolates' | 'needs'>,
  request: PlanRequest,
  { corruption, memoryBytes, plan = planStep }: PlanningOptions = {},
): Promise<SmallerPlan> {
  const isAlone = (node: number): boolean =>
    node === corruption?.node || backend.isolates?.(program.nodes[node]) === true
  const whole = await plan(program, { fuse: backend.fuses, ...request, isAlone })
  const used = onlyUsed(whole, request.advance)
  const state = bytesOf(program.states)
  const given = [
    { what: 'tensors that it is given', bytes: state + bytesOf(program.constants) },
    { what: 'a copy of the state', bytes: state },
  ]
  checkMemory([...given, ...backend.needs(used.plan)], memoryBytes)
  return used
}
