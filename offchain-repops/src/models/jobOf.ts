import type { Graph } from '../build/Graph.ts'
import type { Job } from '../execute/Job.ts'
import { Tensor } from '../tensor.ts'
import type { Parameters } from './parameters.ts'

/** A job that trains parameters: they begin with their first values by the seed, all other states with zeros. */
export function jobOf(
  graph: Graph,
  parameters: Parameters,
  rest: Pick<Job, 'constants' | 'seed' | 'steps' | 'interval'>,
): Job {
  const program = graph.program()
  const initial = parameters.initial(rest.seed)
  const initialState = program.states.map(
    ({ name, type, count }) => initial.get(name) ?? Tensor.zeros(type, count),
  )
  return { ...rest, program, initialState }
}
