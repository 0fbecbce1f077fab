import type { Slot } from './plan/types.ts'
import type { StepPlan } from './plan/planStep.ts'

/** A plan in which slots have other numbers than in the one that it was made of. */
export interface SmallerPlan {
  readonly plan: StepPlan
  /** The new number of each slot that is left. */
  readonly slotOf: ReadonlyMap<number, number>
}

/**
 * The plan without the states and constants that none of its tasks touches, which backends would hold for nothing; of
 * a plan that advances, all states are left. References to entries count those that are left in its places; the nodes
 * of its program stay as they are.
 */
export function onlyUsed(plan: StepPlan, advances: boolean): SmallerPlan {
  const touched = new Set(plan.tasks.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]))
  const slotOf = new Map<number, number>()
  const slots: Slot[] = []
  const left = { state: 0, constant: 0 }
  plan.slots.forEach((slot, number) => {
    const { place } = slot
    if (place.kind !== 'state' && place.kind !== 'constant') {
      slotOf.set(number, slots.push(slot) - 1)
    } else if (touched.has(number) || (advances && place.kind === 'state')) {
      slotOf.set(number, slots.length)
      slots.push({ ...slot, place: { kind: place.kind, ref: left[place.kind]++ } })
    }
  })
  const renumber = (numbers: readonly number[]): number[] =>
    numbers.map((number) => slotOf.get(number)!)
  const { nodes, states, constants } = plan.program
  const smaller: StepPlan = {
    program: {
      nodes,
      states: states.filter((_, ref) => slotOf.has(ref)),
      constants: constants.filter((_, ref) => slotOf.has(states.length + ref)),
    },
    slots,
    arenaWords: plan.arenaWords,
    tasks: plan.tasks.map((task) => ({
      ...task,
      inputs: renumber(task.inputs),
      outputs: renumber(task.outputs),
    })),
    kept: new Map([...plan.kept].map(([node, slot]) => [node, slotOf.get(slot)!])),
  }
  return { plan: smaller, slotOf }
}
