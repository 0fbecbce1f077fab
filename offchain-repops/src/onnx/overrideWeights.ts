import { sameShape, show } from '../build/shapes.ts'
import type { NamedTensor } from '../safetensors/safetensors.ts'
import { ELEMENT_TYPES } from './elementTypes.ts'
import { KnownTensor } from './KnownTensor.ts'
import { OnnxError } from './OnnxError.ts'

/** The initialisers with those replaced that `weights` has; each must be there, of the same type and shape. */
export function overrideWeights(
  initialisers: ReadonlyMap<string, KnownTensor>,
  weights: ReadonlyMap<string, NamedTensor> | undefined,
): ReadonlyMap<string, KnownTensor> {
  const named = new Map([...initialisers].map(([name, tensor]) => [name, tensor.with({ name })]))
  for (const [name, { shape, tensor }] of weights ?? []) {
    const old = named.get(name)
    if (old === undefined)
      throw new OnnxError(
        'input',
        `the model has no initialiser ${JSON.stringify(name)} to replace`,
      )
    if (ELEMENT_TYPES[old.type].dtype !== tensor.type || !sameShape(shape, old.dims))
      throw new OnnxError(
        'input',
        `weight ${JSON.stringify(name)} is ${tensor.type} ${show(shape)}, the model's is ${old.type} ${show(old.dims)}`,
      )
    const data = tensor.type === 'f32' ? tensor.floats.slice() : Float64Array.from(tensor.words)
    const type = old.type === 'double' ? 'float' : old.type
    named.set(name, new KnownTensor(type, shape, data, { name }))
  }
  return named
}
