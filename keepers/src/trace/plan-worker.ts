import {
  type Node,
  planStep,
  type Program,
  type Slot,
  type StepPlan,
  type Task,
} from '@lockstep/repops'

/** What a plan is wanted for: `PlanRequest` as another thread can be told. */
export interface RemoteRequest {
  readonly advance: boolean
  readonly commit: boolean
  readonly fuse: boolean
  readonly kept: readonly number[]
  readonly alone: readonly number[]
}

/** In this order: nodes until all are there, what is wanted, and slots and tasks until none are left. */
export type Question =
  | { readonly nodes: readonly Node[] }
  | { readonly plan: RemoteRequest; readonly entries: Omit<Program, 'nodes'> }
  | { readonly from: number; readonly to: number }

export type Answer =
  | { readonly problem: string }
  | {
      readonly length?: number
      readonly arenaWords?: number
      readonly kept?: StepPlan['kept']
      readonly slots?: readonly Slot[]
      readonly tasks?: readonly Task[]
    }

let nodes: Node[] = []
let plan: StepPlan | undefined

/** The thread's side of a `Planner`, which asks one question after the other and takes a plan in small pieces. */
export function answer(question: Question): Answer {
  try {
    if ('nodes' in question) {
      nodes.push(...question.nodes)
      return {}
    }
    if ('plan' in question) {
      const { alone, ...request } = question.plan
      const isAlone = new Set(alone)
      const program = { nodes, ...question.entries }
      nodes = []
      plan = planStep(program, { ...request, isAlone: (node) => isAlone.has(node) })
      const { slots, tasks, arenaWords, kept } = plan
      return { arenaWords, kept, length: Math.max(slots.length, tasks.length) }
    }
    const { from, to } = question
    return { slots: plan?.slots.slice(from, to) ?? [], tasks: plan?.tasks.slice(from, to) ?? [] }
  } catch (error) {
    nodes = []
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
