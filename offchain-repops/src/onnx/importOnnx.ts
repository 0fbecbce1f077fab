import type { Graph } from '../build/Graph.ts'
import type { Parameter } from '../build/optimisers/Parameter.ts'
import { BuildError, sameShape, type Shape, show } from '../build/shapes.ts'
import { Value } from '../build/Value.ts'
import { ProgramError } from '../program/ProgramError.ts'
import type { NamedTensor } from '../safetensors/safetensors.ts'
import type { Tensor } from '../tensor.ts'
import { Call, type Result } from './Call.ts'
import { isFloat, runningType } from './elementTypes.ts'
import { evaluate, operationsOf } from './evaluate.ts'
import { foldIntegers } from './foldIntegers.ts'
import { KnownTensor } from './KnownTensor.ts'
import { FOLD_LIMIT, GraphMaterialiser, ScratchMaterialiser } from './materialise.ts'
import { OnnxError } from './OnnxError.ts'
import type { Attribute, OnnxGraph, OnnxModel, OnnxNode, Port } from './OnnxModel.ts'
import { dimsOf, isKnown, type LiveTensor, type Operand } from './operand.ts'
import { loweringOf } from './operators/index.ts'
import { overrideWeights } from './overrideWeights.ts'
import { resolveDims } from './resolveDims.ts'

/** Opsets of the standard operators whose definitions were read. */
export const OPSETS = { least: 13, most: 28 } as const

const MAX_DEPTH = 32

export interface ImportOptions {
  /** Lengths of the dimensions that the model names. */
  readonly dims?: Readonly<Record<string, number>>
  /** Values for inputs; each of the others becomes a state of its name that no step changes. */
  readonly inputs?: ReadonlyMap<string, Value>
  /** Shapes that the other inputs will be given: lengths for the dimensions that are open. */
  readonly shapes?: ReadonlyMap<string, Shape>
  /** Weights in place of the file's, by name. */
  readonly weights?: ReadonlyMap<string, NamedTensor>
  /** Which initialisers become states, to be trained; all others are constants. None by default. */
  readonly trained?: (weight: KnownTensor) => boolean
}

/** A model as values of a graph. */
export interface ImportedModel {
  readonly inputs: ReadonlyMap<string, LiveTensor>
  readonly outputs: ReadonlyMap<string, LiveTensor>
  /** The trained weights that the outputs are computed from, and what these states begin with. */
  readonly parameters: readonly Parameter[]
  readonly initial: ReadonlyMap<string, Tensor>
  /** Contents of the constants that the graph got, by their names. */
  readonly constants: ReadonlyMap<string, Tensor>
}

/**
 * Lowers an inference graph to nodes of `graph`. What only shapes and weights decide is computed at once. Throws an
 * OnnxError that names the operator, its node and the opset for what is not supported.
 */
export function importOnnx(
  graph: Graph,
  model: OnnxModel,
  options: ImportOptions = {},
): ImportedModel {
  return new Importer(graph, model, options).run()
}

type Scope = Map<string, Operand>

class Importer {
  readonly #model: OnnxModel
  readonly #options: ImportOptions
  readonly #target: GraphMaterialiser
  /** Outputs that no lowering gives: refused where something reads them. */
  readonly #withheld = new Map<string, () => never>()

  constructor(graph: Graph, model: OnnxModel, options: ImportOptions) {
    this.#model = model
    this.#options = options
    this.#target = new GraphMaterialiser(graph)
  }

  run(): ImportedModel {
    const { graph, opsets } = this.#model
    const scope: Scope = new Map()
    const { trained = () => false } = this.#options
    const weights = overrideWeights(graph.initialisers, this.#options.weights)
    for (const [name, weight] of weights)
      scope.set(name, weight.with({ trained: isFloat(weight.type) && trained(weight) }))
    const dims = resolveDims(graph.inputs, this.#options)
    const inputs = new Map(graph.inputs.map((port) => [port.name, this.#input(port, dims(port))]))
    for (const [name, input] of inputs) scope.set(name, input)
    this.#runNodes(graph.nodes, scope, opsets, 0)
    const outputs = new Map(
      graph.outputs.map((port) => [port.name, this.#output(port, scope.get(port.name))]),
    )
    const { parameters, initial, constants } = this.#target
    return { inputs, outputs, parameters, initial, constants }
  }

  #input({ name, type }: Port, dims: readonly number[]): LiveTensor {
    const what = `input ${JSON.stringify(name)}`
    const dtype = runningType(type, what)
    const given = this.#options.inputs?.get(name)
    if (given === undefined) return { type, value: this.#target.state(name, dtype, dims) }
    if (given.type !== dtype || !sameShape(given.shape, dims))
      throw new OnnxError(
        'input',
        `${what} is ${dtype} ${show(dims)}, it is given ${given.type} ${show(given.shape)}`,
      )
    return { type, value: given }
  }

  #output({ name, dims }: Port, operand: Operand | undefined): LiveTensor {
    const what = `output ${JSON.stringify(name)}`
    if (operand === undefined) this.#withheld.get(name)?.()
    if (operand === undefined) throw new OnnxError('malformed', `no node computes ${what}`)
    const shape = dimsOf(operand)
    const agrees =
      dims?.length === shape.length &&
      dims.every((dim, i) => typeof dim !== 'number' || dim === shape[i])
    if (dims !== undefined && !agrees)
      throw new OnnxError(
        'malformed',
        `${what} has the shape ${show(shape)}, the model says [${dims.map((dim) => dim ?? '?').join(', ')}]`,
      )
    if (!isKnown(operand)) return operand
    if (operand.count === 0) throw new OnnxError('unsupported', `${what} has no elements`)
    return { type: operand.type, value: this.#target.materialise(operand) }
  }

  #runNodes(
    nodes: readonly OnnxNode[],
    scope: Scope,
    opsets: ReadonlyMap<string, number>,
    depth: number,
  ): void {
    if (depth > MAX_DEPTH) throw new OnnxError('unsupported', `calls nest deeper than ${MAX_DEPTH}`)
    for (const node of nodes) {
      const operands = node.inputs.map((name) => {
        if (name === '') return undefined
        const operand = scope.get(name)
        if (operand === undefined) this.#withheld.get(name)?.()
        if (operand === undefined)
          throw new OnnxError(
            'malformed',
            `${node.op} (node ${node.name}) reads ${JSON.stringify(name)}, which is no input, no initialiser and computed by no node before it`,
          )
        return operand
      })
      const call: Call = new Call(node, opsets.get(node.domain) ?? 0, operands, this.#target)
      const results = this.#results(call, scope, opsets, depth)
      node.outputs.forEach((name, i) => {
        if (name === '') return
        const result = results[i]
        if (result) scope.set(name, result)
        else this.#withheld.set(name, () => call.refuse(`output ${i} is not supported`))
      })
    }
  }

  #results(
    call: Call,
    scope: Scope,
    opsets: ReadonlyMap<string, number>,
    depth: number,
  ): readonly (Operand | undefined)[] {
    const { node } = call
    const own = this.#model.functions.get(`${node.domain}::${node.op}`)
    try {
      if (own) {
        const inside: Scope = new Map()
        own.inputs.forEach((name, i) => {
          const operand = call.operands[i]
          if (operand !== undefined) inside.set(name, operand)
        })
        const given = new Map([...own.defaults, ...node.attributes])
        const nodes = own.nodes.map((it) => withReferences(it, given))
        this.#runNodes(nodes, inside, own.opsets, depth + 1)
        return own.outputs.map((name) => inside.get(name))
      }
      checkOpset(call)
      if (node.domain === '' && node.op === 'If') {
        const { data } = call.known(0, 'the condition')
        const branch = call.branch(data[0] === 0 ? 'else_branch' : 'then_branch')
        return this.#runBranch(branch, scope, opsets, depth)
      }
      const lowering = loweringOf(node.domain, node.op)
      if (lowering === undefined) return call.refuse('this operator is not supported')
      return this.#fold(call) ?? operandsOf(call, lowering(call))
    } catch (cause) {
      if (
        !(
          cause instanceof BuildError ||
          cause instanceof ProgramError ||
          cause instanceof RangeError
        )
      )
        throw cause
      throw new OnnxError('malformed', `${call.where}: ${cause.message}`, { cause })
    }
  }

  #runBranch(
    branch: OnnxGraph,
    scope: Scope,
    opsets: ReadonlyMap<string, number>,
    depth: number,
  ): readonly (Operand | undefined)[] {
    const inside: Scope = new Map([...scope, ...branch.initialisers])
    this.#runNodes(branch.nodes, inside, opsets, depth + 1)
    return branch.outputs.map(({ name }) => inside.get(name))
  }

  /** What a call yields all of whose operands are known; undefined where it is left to the program. */
  #fold({ node, opset, operands }: Call): readonly (Operand | undefined)[] | undefined {
    const known = operands.every(
      (operand) => operand === undefined || (isKnown(operand) && !operand.trained),
    )
    const lowering = loweringOf(node.domain, node.op)
    if (!known || lowering === undefined) return undefined
    const scratch = new ScratchMaterialiser()
    const call = new Call(node, opset, operands, scratch)
    const exact = foldIntegers(call)
    if (exact) return [exact]
    const results = operandsOf(call, lowering(call))
    const live = results.filter((it): it is LiveTensor => it !== undefined && !isKnown(it))
    if (operationsOf(live.map(({ value }) => value)) > FOLD_LIMIT) return undefined
    const tensors = evaluate(
      live.map(({ value }) => value),
      scratch.tensors,
    )
    return results.map((result, i) => {
      if (result === undefined || isKnown(result)) return result
      const tensor = tensors[live.indexOf(result)]
      const data = tensor.type === 'f32' ? tensor.floats.slice() : Float64Array.from(tensor.words)
      return new KnownTensor(result.type, result.value.shape, data, { name: node.outputs[i] ?? '' })
    })
  }
}

function checkOpset(call: Call): void {
  const { node, opset } = call
  if (node.domain !== '') return
  if (opset === 0)
    throw new OnnxError(
      'malformed',
      `the model uses ${node.op} but names no opset of the standard operators`,
    )
  if (opset < OPSETS.least || opset > OPSETS.most)
    throw new OnnxError(
      'unsupported',
      `the model is of opset ${opset}; ${OPSETS.least} to ${OPSETS.most} are supported, convert it with ONNX's version converter`,
    )
}

/** The results as operands, in the order of the node's outputs; refuses calls that were not read in full. */
function operandsOf(
  call: Call,
  given: Result | readonly (Result | undefined)[],
): readonly (Operand | undefined)[] {
  call.finish()
  const whole = call.operands.find((it) => it !== undefined && !isFloat(it.type))?.type ?? 'int64'
  const list: readonly (Result | undefined)[] = isList(given) ? given : [given]
  return list.map((result) =>
    result instanceof Value
      ? { type: result.type === 'f32' ? 'float' : whole, value: result }
      : result,
  )
}

const isList = (given: unknown): given is readonly (Result | undefined)[] => Array.isArray(given)

/** A node of a function with the attributes that its caller gave. */
function withReferences(node: OnnxNode, given: ReadonlyMap<string, Attribute>): OnnxNode {
  const attributes = new Map<string, Attribute>()
  for (const [name, attribute] of node.attributes) {
    const found = attribute.kind === 'reference' ? given.get(attribute.value) : attribute
    if (found) attributes.set(name, found)
  }
  return { ...node, attributes }
}
