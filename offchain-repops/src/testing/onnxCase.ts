import { reference } from '../backends/reference/index.ts'
import { Execution } from '../execute/Execution.ts'
import type { ElementType } from '../onnx/elementTypes.ts'
import { onnxProgram } from '../onnx/inference.ts'
import { KnownTensor } from '../onnx/KnownTensor.ts'
import { openRuntime } from '../onnx/onnxRuntime.ts'
import type { OnnxModel } from '../onnx/OnnxModel.ts'
import { readOnnx } from '../onnx/readOnnx.ts'
import { writeOnnx } from '../onnx/writeOnnx.ts'
import { onnxModel, type Plain } from './onnxModel.ts'

/** A call of one operator, compared with ONNX Runtime. */
export interface OnnxCase {
  readonly op: string
  /** Run-time inputs, `known` ones (initialisers), and those left out (undefined), in order. */
  readonly inputs: readonly (KnownTensor | { readonly known: KnownTensor } | undefined)[]
  readonly attributes?: Readonly<Record<string, Plain>>
  readonly opset?: number
  readonly outputs?: readonly ElementType[]
  readonly domain?: string
  /**
   * How far elements may be apart: |a − b| ≤ absolute + relative · |b|. Both 0 by default: the operator copies,
   * compares, or rounds once.
   */
  readonly absolute?: number
  readonly relative?: number
  /** Most nodes that the program may have, besides copies of outputs. */
  readonly nodes?: number
}

export const known = (tensor: KnownTensor): { readonly known: KnownTensor } => ({ known: tensor })

export function modelOf({
  op,
  inputs,
  attributes = {},
  opset,
  outputs = ['float'],
  domain = '',
}: OnnxCase): OnnxModel {
  const name = (i: number): string => (inputs[i] === undefined ? '' : `i${i}`)
  const live = inputs.flatMap((it, i) =>
    it instanceof KnownTensor ? [[name(i), [it.type, ...it.dims]] as const] : [],
  )
  const fixed = inputs.flatMap((it, i) =>
    it !== undefined && 'known' in it ? [[name(i), it.known] as const] : [],
  )
  return onnxModel({
    ...(opset === undefined ? {} : { opset }),
    inputs: Object.fromEntries(live),
    initialisers: Object.fromEntries(fixed),
    outputs: outputs.map((type, i) => [`o${i}`, type] as const),
    nodes: [
      [op, inputs.map((_, i) => name(i)), outputs.map((_, i) => `o${i}`), attributes, domain],
    ],
  })
}

/** Runs a model on the reference; what it yields, and how many nodes that took. */
export async function runModel(
  model: OnnxModel,
  inputs: ReadonlyMap<string, KnownTensor>,
  dims: Readonly<Record<string, number>> = {},
): Promise<{ outputs: Map<string, KnownTensor>; nodes: number }> {
  const { program, constants, state, results } = onnxProgram(model, { dims })
  const execution = new Execution(program, reference, { state: state(inputs), constants, seed: 0n })
  await execution.advance()
  const outputs = results(await execution.state())
  await execution.close()
  return { outputs, nodes: program.nodes.length }
}

/** Runs a model in ONNX Runtime, its graph as it is, on one thread. */
export async function runRuntime(
  model: OnnxModel,
  inputs: ReadonlyMap<string, KnownTensor>,
): Promise<Map<string, KnownTensor>> {
  const runtime = await openRuntime(writeOnnx(model), { threads: 1, optimise: false })
  try {
    return await runtime.run(inputs)
  } finally {
    await runtime.close()
  }
}

/** What is wrong with the results of a case: nothing, in the best case. */
export async function complaints(it: OnnxCase): Promise<string[]> {
  // What is imported went through the file format.
  const model = readOnnx(writeOnnx(modelOf(it)))
  const inputs = new Map(
    it.inputs.flatMap((tensor, i) =>
      tensor instanceof KnownTensor ? [[`i${i}`, tensor] as const] : [],
    ),
  )
  const { outputs, nodes } = await runModel(model, inputs)
  const theirs = await runRuntime(model, inputs)
  const wrong = [...outputs].flatMap(([name, ours]) => apart(name, ours, theirs.get(name), it))
  if (it.nodes !== undefined && nodes > it.nodes)
    wrong.push(`${nodes} nodes, ${it.nodes} are enough`)
  return wrong
}

/** Elements that are further apart than allowed. */
export function apart(
  name: string,
  ours: KnownTensor,
  theirs: KnownTensor | undefined,
  { absolute = 0, relative = 0 }: { absolute?: number; relative?: number },
): string[] {
  if (theirs === undefined) return [`there is no ${name}`]
  if (String(ours.dims) !== String(theirs.dims))
    return [`${name} is [${String(ours.dims)}], not [${String(theirs.dims)}]`]
  return [...ours.data].flatMap((a, i) => {
    const b = theirs.data[i]
    const fits =
      a === b ||
      Math.abs(a - b) <= absolute + relative * Math.abs(b) ||
      (Number.isNaN(a) && Number.isNaN(b))
    return fits ? [] : [`${name}[${i}] is ${a}, not ${b}`]
  })
}
