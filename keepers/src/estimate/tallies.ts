import type { Plan, Program } from '@lockstep/repops'
import { shapeOfNode, shapeOfTask, Tally } from './shapes.ts'
import { inTurns } from './turns.ts'

/** All nodes, each a task of its own: what a graph root takes beside its hashes. */
export async function tallyNodes({ nodes }: Program): Promise<Tally> {
  const tally = new Tally()
  for await (const node of inTurns(nodes)) tally.add(shapeOfNode(node))
  return tally
}

/** The tasks of a plan. */
export async function tallyTasks(plan: Plan): Promise<Tally> {
  const tally = new Tally()
  for await (const task of inTurns(plan.tasks)) tally.add(shapeOfTask(plan, task))
  return tally
}
