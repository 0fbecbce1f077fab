import { KnownTensor } from '../onnx/KnownTensor.ts'
import type { OnnxModel } from '../onnx/OnnxModel.ts'
import {
  f,
  onnxModel,
  randomFloats,
  type ModelDraft,
  type NodeDraft,
  type Plain,
} from './onnxModel.ts'

/** Writes graphs node by node, as exporters do: every operator yields the name of its output. */
export class OnnxWriter {
  readonly #nodes: NodeDraft[] = []
  readonly #initialisers: Record<string, KnownTensor> = {}
  #names = 0

  /** A weight of random floats, of about the size that keeps activations as they are. */
  weight(
    name: string,
    dims: readonly number[],
    spread = Math.sqrt(3 / dims[dims.length - 1]),
  ): string {
    const seed = Object.keys(this.#initialisers).length + 7
    return this.initialiser(name, randomFloats(dims, { seed, least: -spread, most: spread }))
  }

  initialiser(name: string, tensor: KnownTensor): string {
    this.#initialisers[name] = tensor
    return name
  }

  op(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Plain>> = {},
  ): string {
    return this.ops(op, inputs, 1, attributes)[0]
  }

  ops(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, Plain>> = {},
  ): string[] {
    const names = Array.from({ length: outputs }, () => `/${op}_${this.#names++}_output`)
    this.#nodes.push([op, inputs, names, attributes])
    return names
  }

  ints(values: readonly number[] | number): string {
    const tensor =
      typeof values === 'number' ? KnownTensor.ints([values], []) : KnownTensor.ints(values)
    return this.op('Constant', [], { value: tensor })
  }

  float(value: number): string {
    return this.op('Constant', [], { value: KnownTensor.floats([value], []) })
  }

  /** One length of a tensor's shape as exporters compute it: [1]. */
  length(x: string, axis: number): string {
    const dim = this.op('Gather', [this.op('Shape', [x]), this.ints(axis)], { axis: 0 })
    return this.op('Unsqueeze', [dim, this.ints([0])])
  }

  reshape(x: string, lengths: readonly (string | number)[]): string {
    const parts = lengths.map((it) => (typeof it === 'string' ? it : this.ints([it])))
    return this.op('Reshape', [x, this.op('Concat', parts, { axis: 0 })])
  }

  /** Layer norm as it was written before opset 17. */
  layerNorm(x: string, name: string, width: number): string {
    const centred = this.op('Sub', [x, this.op('ReduceMean', [x], { axes: [-1] })])
    const square = this.op('Pow', [centred, this.float(2)])
    const variance = this.op('ReduceMean', [square], { axes: [-1] })
    const deviation = this.op('Sqrt', [this.op('Add', [variance, this.float(1e-12)])])
    const normal = this.op('Div', [centred, deviation])
    const scaled = this.op('Mul', [normal, this.gain(`${name}.weight`, width)])
    return this.op('Add', [scaled, this.weight(`${name}.bias`, [width], 0.1)])
  }

  gain(name: string, width: number): string {
    return this.initialiser(name, randomFloats([width], { least: 0.8, most: 1.2 }))
  }

  /** x · W + b with the weight as exporters lay it. */
  dense(x: string, name: string, from: number, to: number): string {
    const product = this.op('MatMul', [
      x,
      this.weight(`${name}.weight`, [from, to], Math.sqrt(3 / from)),
    ])
    return this.op('Add', [this.weight(`${name}.bias`, [to], 0.1), product])
  }

  convolution(
    x: string,
    name: string,
    dims: readonly number[],
    attributes: Readonly<Record<string, Plain>>,
  ): string {
    const spread = Math.sqrt(6 / (dims[1] * dims[2] * dims[3]))
    const weight = this.weight(`${name}.weight`, dims, spread)
    return this.op('Conv', [x, weight, this.weight(`${name}.bias`, [dims[0]], 0.1)], attributes)
  }

  batchNorm(x: string, name: string, channels: number): string {
    const positive = randomFloats([channels], { seed: channels, least: 0.5, most: 1.5 })
    const inputs = [
      x,
      this.gain(`${name}.weight`, channels),
      this.weight(`${name}.bias`, [channels], 0.1),
      this.weight(`${name}.running_mean`, [channels], 0.1),
      this.initialiser(`${name}.running_var`, positive),
    ]
    return this.op('BatchNormalization', inputs, { epsilon: f(1e-5) })
  }

  /** Gelu as exporters write it without an operator for it. */
  gelu(x: string): string {
    const e = this.op('Erf', [this.op('Div', [x, this.float(Math.SQRT2)])])
    const product = this.op('Mul', [x, this.op('Add', [e, this.float(1)])])
    return this.op('Mul', [product, this.float(0.5)])
  }

  model(inputs: ModelDraft['inputs'], outputs: readonly string[], opset: number): OnnxModel {
    const names = outputs.map((_, i) => `output_${i}`)
    outputs.forEach((name, i) => this.#nodes.push(['Identity', [name], [names[i]]]))
    return onnxModel({
      opset,
      inputs,
      outputs: names,
      nodes: this.#nodes,
      initialisers: this.#initialisers,
    })
  }
}
