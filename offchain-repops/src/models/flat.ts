import { Value } from '../build/Value.ts'
import { Tensor } from '../tensor.ts'
import type { Parameters } from './parameters.ts'

/** Name of the state that holds a trained model as one tensor. */
export const MODEL = 'model'

/** Declares a state MODEL that holds, after every step, all parameters one after another. */
export function declareFlat(parameters: Parameters): void {
  const values = parameters.list.map(({ value }) => value)
  const { graph } = values[0]
  const model = graph.state(MODEL, 'f32', [parameters.count])
  const next = values.map((value) => graph.nextOf(value).reshape([-1]))
  graph.setNext(model, Value.concat(next, 0))
}

/** Tensors of one type, one after another. */
export function flatten(tensors: readonly Tensor[]): Tensor {
  const words = new Int32Array(tensors.reduce((sum, { count }) => sum + count, 0))
  let at = 0
  for (const tensor of tensors) {
    words.set(tensor.words, at)
    at += tensor.count
  }
  return new Tensor(tensors[0].type, words)
}
