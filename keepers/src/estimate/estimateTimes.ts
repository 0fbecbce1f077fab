import { type Backend, type Planner, planStep, type Program } from '@lockstep/repops'
import { wordsOf } from './cut.ts'
import { Speeds } from './Speeds.ts'
import { tallyNodes, tallyTasks } from './tallies.ts'

/** How long the parts of a job take on a machine, in seconds. */
export interface JobTimes {
  /** Before the first step of every run or replay: planning, compiling, moving the state in, and its root. */
  readonly setUpSeconds: number
  /** The next state of a step, and its root. */
  readonly stepSeconds: number
  /** All nodes of a step one by one, with the roots of their outputs. */
  readonly graphSeconds: number
  /** Whether there was time for all that matters; else another estimate goes on where this one ended. */
  readonly isSettled: boolean
}

/** A machine is slower in memory that it has never used before. */
const FRESH_MEMORY = 2

/**
 * How long a job takes on a backend, without running it and without its tensors. It is counted what a step is made of,
 * as the run does it (fused where the backend fuses) and as a dispute wants it (node by node); then one task of each
 * kind is timed, cut to a few milliseconds, for about `capSeconds` in all. What was timed is kept for an hour; `anew` forgets it.
 */
export async function estimateTimes(
  program: Program,
  backend: Backend,
  capSeconds: number,
  make: Planner = planStep,
  anew = false,
): Promise<JobTimes> {
  const { fuses, isolates } = backend
  const isAlone = (node: number): boolean => isolates?.(program.nodes[node]) === true
  const started = performance.now()
  const plan = await make(program, { advance: true, fuse: fuses, isAlone })
  const planSeconds = (performance.now() - started) / 1000
  const [step, graph] = [await tallyTasks(plan), await tallyNodes(program)]

  if (anew) Speeds.forget(backend)
  const speeds = Speeds.of(backend)
  const { machine } = speeds
  const deadline = performance.now() + 1000 * capSeconds
  const isStepKnown = await speeds.learn(step, deadline)
  const isGraphKnown = await speeds.learn(graph, deadline)

  const { nodes, states, constants } = program
  const stored = [...states, ...constants].reduce((sum, { count }) => sum + count, 0)
  const words = stored + plan.arenaWords
  const callSeconds = await machine.callSeconds()
  const rootSeconds = await machine.rootTimes()
  const stateSeconds = states.reduce((sum, { count }) => sum + rootSeconds(count), callSeconds)
  let outputSeconds = 0
  for (const { shape, count } of graph.counts.values())
    outputSeconds += count * rootSeconds(wordsOf(shape.kernel).outputs[0])
  // What computes beside the timing will compute beside the job.
  const { factor } = speeds.load
  const setUpSeconds = FRESH_MEMORY * (await machine.setUpSeconds(nodes.length, words))
  return {
    setUpSeconds: planSeconds + factor * (setUpSeconds + stateSeconds),
    stepSeconds: factor * (callSeconds + (await speeds.secondsOf(step, words)) + stateSeconds),
    graphSeconds: factor * (callSeconds + (await speeds.secondsOf(graph, words)) + outputSeconds),
    isSettled: isStepKnown && isGraphKnown,
  }
}
