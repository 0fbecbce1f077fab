import { gradients } from '../build/gradients.ts'
import { Graph } from '../build/Graph.ts'
import type { Shape } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import { product } from '../program/wants.ts'
import { runFloat64 } from './float64.ts'
import { Random } from './Random.ts'

export interface GradientCase {
  readonly shapes: readonly Shape[]
  /** The function of the inputs whose gradient is tested; any shape. */
  readonly build: (...inputs: Value[]) => Value
  /** Inputs are drawn from here; −1 to 1 by default. */
  readonly range?: readonly [least: number, most: number]
  readonly step?: number
}

/**
 * The largest difference between the gradient of a randomly weighted sum of the outputs and central
 * differences in float64, relative to the largest gradient.
 */
export function gradientError({ shapes, build, range = [-1, 1], step = 0 }: GradientCase): number {
  const random = new Random(7)
  const uniform = (): number => random.below(2 ** 30) / 2 ** 30
  const graph = new Graph()
  const inputs = shapes.map((shape, i) => graph.state(`input${i}`, 'f32', shape))
  const y = build(...inputs)
  const weights = graph.constant('weights', 'f32', y.shape)
  const loss = y.mul(weights).sum()
  const report = graph.state('loss', 'f32', [])
  graph.setNext(report, loss)
  gradients(loss, inputs).forEach((gradient, i) => {
    graph.setNext(inputs[i], gradient)
  })
  const program = graph.program()
  const constants = [Float64Array.from({ length: y.count }, () => uniform() - 0.5)]
  const [least, most] = range
  const values = shapes.map((shape) =>
    Float64Array.from({ length: product(shape) }, () => least + (most - least) * uniform()),
  )
  const run = (state: Float64Array[]): readonly Float64Array[] =>
    runFloat64(program, { state: [...state, new Float64Array(1)], constants, step, seed: 5n }).next
  const analytic = run(values)
  const h = 1e-5 * (most - least)
  let worst = 0
  let scale = 1e-3
  values.forEach((value, i) => {
    for (let e = 0; e < value.length; e++) {
      const shifted = (by: number): number => {
        const moved = values.map((other, j) =>
          j === i ? other.map((x, k) => (k === e ? x + by : x)) : other,
        )
        return run(moved)[shapes.length][0]
      }
      const numeric = (shifted(h) - shifted(-h)) / (2 * h)
      worst = Math.max(worst, Math.abs(numeric - analytic[i][e]))
      scale = Math.max(scale, Math.abs(numeric))
    }
  })
  return worst / scale
}
