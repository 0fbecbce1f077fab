import { Graph } from '../build/Graph.ts'
import { gradients } from '../build/gradients.ts'
import { crossEntropy } from '../build/layers/softmax.ts'
import { adam, type AdamOptions } from '../build/optimisers/adam.ts'
import type { Parameter } from '../build/optimisers/Parameter.ts'
import { sgd, type SgdOptions } from '../build/optimisers/sgd.ts'
import { sameShape, show } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import { LOSS_HISTORY } from '../models/lossHistory.ts'
import type { TrainingJob } from '../models/training.ts'
import type { NamedTensor } from '../safetensors/safetensors.ts'
import { Tensor } from '../tensor.ts'
import { importOnnx, type ImportOptions } from './importOnnx.ts'
import type { KnownTensor } from './KnownTensor.ts'
import { OnnxError } from './OnnxError.ts'
import type { OnnxModel } from './OnnxModel.ts'

export interface OnnxTrainingOptions extends Pick<ImportOptions, 'dims' | 'weights' | 'trained'> {
  /** Samples for each input of the model, [samples, ..]; the model's first axis is the batch. */
  readonly data: ReadonlyMap<string, NamedTensor>
  /** What the output should be: classes (i32) for the cross entropy, else values; [samples, ..]. */
  readonly targets: NamedTensor
  /** `mse` is the mean of the squared differences. */
  readonly loss: 'crossEntropy' | 'mse'
  /** Which output is trained on; the first by default. */
  readonly output?: string
  /** Samples in a step. */
  readonly batch: number
  readonly optimiser:
    | ({ readonly kind: 'adam' } & AdamOptions)
    | ({ readonly kind: 'sgd' } & SgdOptions)
  readonly steps: number
  readonly interval: number
  readonly seed: bigint
}

/** Scalars and single numbers are constants of the architecture; all other floats are weights. */
const isWeight = ({ count, dims }: KnownTensor): boolean => count > 1 && dims.length > 0

/**
 * A job that trains a model: its weights are the states to begin with, each step draws samples by Philox, the loss of
 * every step is in the state LOSS_HISTORY. Dropout and batch statistics stay as in inference.
 */
export function onnxTrainingJob(model: OnnxModel, options: OnnxTrainingOptions): TrainingJob {
  const { data, targets, batch, steps, interval, seed, trained = isWeight } = options
  const graph = new Graph()
  const [samples = 0] = targets.shape
  const rows = graph.philox([batch], 0).shr(1).rem(Math.max(1, samples))
  const constants = new Map<string, Tensor>()
  const draw = (name: string, { shape, tensor }: NamedTensor): Value => {
    if (shape.length === 0 || shape[0] !== samples || samples < 1)
      throw new OnnxError(
        'input',
        `${name} has the shape ${show(shape)}, the targets ${samples} samples`,
      )
    const entry = `data ${constants.size}`
    constants.set(entry, tensor)
    return graph.constant(entry, tensor.type, shape).gather(rows)
  }
  const inputs = new Map(
    [...data].map(([name, samplesOf]) => [name, draw(`input ${JSON.stringify(name)}`, samplesOf)]),
  )
  const missing = model.graph.inputs.find(({ name }) => !inputs.has(name))
  if (missing)
    throw new OnnxError('input', `there are no samples for input ${JSON.stringify(missing.name)}`)
  const imported = importOnnx(graph, model, {
    inputs,
    trained,
    ...(options.dims ? { dims: options.dims } : {}),
    ...(options.weights ? { weights: options.weights } : {}),
  })
  const name = options.output ?? model.graph.outputs.at(0)?.name ?? ''
  const output = imported.outputs.get(name)
  if (output === undefined)
    throw new OnnxError('input', `the model has no output ${JSON.stringify(name)}`)
  const loss = lossOf(options.loss, output.value, draw('targets', targets))
  const history = graph.state(LOSS_HISTORY, 'f32', [steps])
  graph.setNext(history, graph.iota(steps).eq(graph.step()).where(loss, history))
  const parameters = reachedBy(loss, imported.parameters)
  if (parameters.length === 0)
    throw new OnnxError('input', 'the loss depends on no weight that is trained')
  const values = parameters.map(({ value }) => value)
  const optimise = options.optimiser
  if (optimise.kind === 'adam') adam(parameters, gradients(loss, values), optimise)
  else sgd(parameters, gradients(loss, values), optimise)
  const program = graph.program()
  const contents = new Map([...constants, ...imported.constants])
  // By place: optimisers make names of their own.
  const initial = new Map(
    imported.parameters.map(({ name: state, value: { input } }) => [
      input.kind === 'state' ? input.ref : -1,
      imported.initial.get(state),
    ]),
  )
  return {
    program,
    constants: program.constants.map((entry) => contents.get(entry.name)!),
    initialState: program.states.map(
      ({ type, count }, place) => initial.get(place) ?? Tensor.zeros(type, count),
    ),
    seed,
    steps,
    interval,
    parameters: values.reduce((sum, { count }) => sum + count, 0),
  }
}

function lossOf(kind: OnnxTrainingOptions['loss'], output: Value, target: Value): Value {
  if (kind === 'crossEntropy') {
    if (target.type !== 'i32' || !sameShape(output.shape.slice(0, -1), target.shape))
      throw new OnnxError(
        'input',
        `no cross entropy of ${show(output.shape)} against ${target.type} ${show(target.shape)}`,
      )
    return crossEntropy(output, target)
  }
  if (target.type !== 'f32' || !sameShape(output.shape, target.shape))
    throw new OnnxError(
      'input',
      `no squared difference of ${show(output.shape)} and ${target.type} ${show(target.shape)}`,
    )
  const apart = output.sub(target)
  return apart
    .mul(apart)
    .sum()
    .mul(1 / apart.count)
}

/** The parameters among the states that a value is computed from. */
function reachedBy(value: Value, parameters: readonly Parameter[]): readonly Parameter[] {
  const states = new Set<number>()
  const seen = new Set<number>()
  const open = [value.input]
  for (let input = open.pop(); input !== undefined; input = open.pop()) {
    if (input.kind === 'state') states.add(input.ref)
    if (input.kind !== 'node' || seen.has(input.ref)) continue
    seen.add(input.ref)
    open.push(...value.graph.node(input.ref).inputs)
  }
  return parameters.filter(
    ({ value: { input } }) => input.kind === 'state' && states.has(input.ref),
  )
}
