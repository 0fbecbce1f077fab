import { uniform } from '../models/initialise.ts'
import { product } from '../program/wants.ts'
import { isFloat } from './elementTypes.ts'
import type { TensorPort } from './inference.ts'
import { KnownTensor } from './KnownTensor.ts'
import type { OnnxModel } from './OnnxModel.ts'

/**
 * Inputs for a model, the same ones for the same seed: floats spread evenly over (−1, 1), whole numbers over 0 and 1, or
 * over all rows of the table that the model looks them up in.
 */
export function randomInputs(
  model: OnnxModel,
  ports: readonly TensorPort[],
  seed: bigint,
): Map<string, KnownTensor> {
  return new Map(
    ports.map(({ name, type, dims }, stream) => {
      const { floats } = uniform(product(dims), 1, seed, stream)
      const limit = type === 'bool' ? 2 : rowsOf(model, name)
      const data = isFloat(type)
        ? floats
        : Float64Array.from(floats, (x) => Math.min(limit - 1, Math.floor(((x + 1) / 2) * limit)))
      return [name, new KnownTensor(type, dims, data, { name })]
    }),
  )
}

/** The least number of rows among the tables that an input indexes; 2 where it indexes none. */
function rowsOf({ graph }: OnnxModel, input: string): number {
  const rows = graph.nodes.flatMap(({ op, inputs, attributes }) => {
    const table =
      op === 'Gather' && inputs[1] === input ? graph.initialisers.get(inputs[0]) : undefined
    const axis = attributes.get('axis')
    return table?.dims[axis?.kind === 'int' ? axis.value : 0] ?? []
  })
  return rows.length === 0 ? 2 : Math.min(...rows)
}
