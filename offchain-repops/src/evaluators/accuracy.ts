import { Graph } from '../build/Graph.ts'
import { Tensor } from '../tensor.ts'
import type { Evaluator } from './Evaluator.ts'

/** Counts right answers: the entry is what was answered, the test set what is right, i32 each, one for every question. */
export function accuracyEvaluator(questions: number): Evaluator {
  const graph = new Graph()
  const answers = graph.constant('entry', 'i32', [questions])
  const right = graph.constant('test set', 'i32', [questions])
  const score = graph.state('score', 'i32', [1])
  graph.setNext(score, answers.eq(right).sum().reshape([1]))
  return {
    program: graph.program(),
    initialState: [Tensor.zeros('i32', 1)],
    steps: 1,
    interval: 1,
    seed: 0n,
    scoreState: 0,
  }
}
