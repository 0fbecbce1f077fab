import { Graph } from '../build/Graph.ts'
import { sameShape, show, type Shape } from '../build/shapes.ts'
import type { Program } from '../program/types.ts'
import { Tensor } from '../tensor.ts'
import type { ElementType } from './elementTypes.ts'
import { importOnnx, type ImportOptions } from './importOnnx.ts'
import { KnownTensor } from './KnownTensor.ts'
import { OnnxError } from './OnnxError.ts'
import type { OnnxModel } from './OnnxModel.ts'
import type { LiveTensor } from './operand.ts'

/** An input or output of a model whose dimensions all have lengths. */
export interface TensorPort {
  readonly name: string
  readonly type: ElementType
  readonly dims: Shape
}

/** A model as a program: inputs are states that stay, outputs are states that every step computes anew. */
export interface OnnxProgram {
  readonly program: Program
  readonly constants: readonly Tensor[]
  readonly inputs: readonly TensorPort[]
  readonly outputs: readonly TensorPort[]
  /** The state before a step, from tensors for all inputs. Throws an OnnxError where one is missing or does not fit. */
  readonly state: (inputs: ReadonlyMap<string, KnownTensor>) => Tensor[]
  /** The outputs in a state after a step. */
  readonly results: (state: readonly Tensor[]) => Map<string, KnownTensor>
}

/** Makes a program of a model for inference. */
export function onnxProgram(
  model: OnnxModel,
  options: Pick<ImportOptions, 'dims' | 'shapes' | 'weights'> = {},
): OnnxProgram {
  const graph = new Graph()
  const imported = importOnnx(graph, model, options)
  const inputs = portsOf(imported.inputs)
  const outputs = portsOf(imported.outputs)
  let place = 0
  for (const { value } of imported.outputs.values()) {
    // Names of states need not be those of outputs, which may be long or those of inputs.
    graph.setNext(graph.state(`output ${place}`, value.type, value.shape), value)
    place++
  }
  const program = graph.program()
  return {
    program,
    constants: program.constants.map(({ name }) => imported.constants.get(name)!),
    inputs,
    outputs,
    state: (given) => [
      ...inputs.map((port) => inputTensor(port, given.get(port.name))),
      ...program.states.slice(inputs.length).map(({ type, count }) => Tensor.zeros(type, count)),
    ],
    results: (state) =>
      new Map(
        outputs.map(({ name, type, dims }, i) => {
          const tensor = state[inputs.length + i]
          const data = tensor.type === 'f32' ? tensor.floats : Float64Array.from(tensor.words)
          return [name, new KnownTensor(type, dims, data, { name })]
        }),
      ),
  }
}

const portsOf = (tensors: ReadonlyMap<string, LiveTensor>): TensorPort[] =>
  [...tensors].map(([name, { type, value }]) => ({ name, type, dims: value.shape }))

function inputTensor({ name, type, dims }: TensorPort, given: KnownTensor | undefined): Tensor {
  const what = `input ${JSON.stringify(name)}`
  if (given === undefined) throw new OnnxError('input', `${what} is not given`)
  if (given.type !== type || !sameShape(given.dims, dims))
    throw new OnnxError(
      'input',
      `${what} is ${type} ${show(dims)}, it is given ${given.type} ${show(given.dims)}`,
    )
  return given.toTensor()
}
