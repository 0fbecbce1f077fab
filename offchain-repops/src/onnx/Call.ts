import type { Graph } from '../build/Graph.ts'
import type { Shape } from '../build/shapes.ts'
import type { Value } from '../build/Value.ts'
import { isFloat, type ElementType } from './elementTypes.ts'
import type { KnownTensor } from './KnownTensor.ts'
import { OnnxError } from './OnnxError.ts'
import type { Attribute, OnnxGraph, OnnxNode } from './OnnxModel.ts'
import { dimsOf, isKnown, type Materialiser, type Operand } from './operand.ts'

/** What an operator yields; a bare value is a float, or a whole number of the first input's type. */
export type Result = Operand | Value

/** Turns a call of an ONNX operator into values of a program. */
export type Lowering = (call: Call) => Result | readonly (Result | undefined)[]

/** One node of an ONNX graph with its operands: what a lowering reads, and the errors that name the node. */
export class Call {
  readonly node: OnnxNode
  readonly opset: number
  readonly operands: readonly (Operand | undefined)[]
  readonly #target: Materialiser
  readonly #unread: Set<string>

  constructor(
    node: OnnxNode,
    opset: number,
    operands: readonly (Operand | undefined)[],
    target: Materialiser,
  ) {
    this.node = node
    this.opset = opset
    this.operands = operands
    this.#target = target
    this.#unread = new Set(node.attributes.keys())
  }

  get graph(): Graph {
    return this.#target.graph
  }

  /** The operator and its node, as messages name them. */
  get where(): string {
    const { domain, op, name } = this.node
    return `${domain === '' ? '' : `${domain}.`}${op} (node ${name}, opset ${this.opset})`
  }

  /** Refuses the call: it asks for something that is not supported. */
  refuse(what: string): never {
    throw new OnnxError('unsupported', `${this.where}: ${what}`)
  }

  /** Refuses the call: it contradicts the operator's definition. */
  malformed(what: string): never {
    throw new OnnxError('malformed', `${this.where}: ${what}`)
  }

  // Inputs.

  has(index: number): boolean {
    return this.operands[index] !== undefined
  }

  operand(index: number): Operand {
    return this.operands[index] ?? this.malformed(`input ${index} is not given`)
  }

  type(index: number): ElementType {
    return this.operand(index).type
  }

  shape(index: number): Shape {
    return dimsOf(this.operand(index))
  }

  /** The input as a value of the program. */
  value(index: number): Value {
    return this.valueOf(this.operand(index))
  }

  optional(index: number): Value | undefined {
    return this.has(index) ? this.value(index) : undefined
  }

  /** All inputs, of which none may be left out. */
  values(): Value[] {
    return this.operands.map((_, i) => this.value(i))
  }

  valueOf(operand: Operand): Value {
    if (!isKnown(operand)) return operand.value
    if (operand.count === 0) this.refuse(`${operand.name} has no elements`)
    return this.#target.materialise(operand)
  }

  /** An input whose contents decide what the program is, and which must be known when the model is read. */
  known(index: number, what: string): KnownTensor {
    const operand = this.operand(index)
    if (isKnown(operand)) return operand
    return this.refuse(
      `${what} is computed at run time; only what the model's shapes decide is supported`,
    )
  }

  /** A known input as numbers. */
  numbers(index: number, what: string): number[] {
    return [...this.known(index, what).data]
  }

  /** A known input of one element. */
  number(index: number, what: string): number {
    const { data } = this.known(index, what)
    return data.length === 1
      ? data[0]
      : this.malformed(`${what} has ${data.length} elements, 1 is wanted`)
  }

  /** A constant that the lowering needs. */
  constant(tensor: KnownTensor): Value {
    return this.#target.materialise(tensor)
  }

  /** The call with some inputs that no training changes. */
  frozen(indices: readonly number[]): Call {
    const operands = this.operands.map((operand, i) =>
      operand !== undefined && isKnown(operand) && indices.includes(i)
        ? operand.with({ trained: false })
        : operand,
    )
    return new Call(this.node, this.opset, operands, this.#target)
  }

  /**
   * What `build` makes of some inputs: computed at once where all of them are constants, so that the program has no node
   * for it.
   */
  folded(indices: readonly number[], build: (values: readonly Value[]) => Value): Value {
    const operands = indices.map((index) => this.operand(index))
    const known = operands.filter(isKnown)
    return known.length === operands.length
      ? this.#target.fold(known, build)
      : build(indices.map((index) => this.value(index)))
  }

  /** Insists on inputs of floats. */
  wantFloat(...indices: readonly number[]): void {
    for (const index of indices) {
      const type = this.type(index)
      if (!isFloat(type)) this.refuse(`input ${index} is of type ${type}, only float is supported`)
    }
  }

  floatValue(index: number): Value {
    this.wantFloat(index)
    return this.value(index)
  }

  /** An axis counted from the front. */
  axis(axis: number, rank: number): number {
    const index = axis < 0 ? axis + rank : axis
    return Number.isInteger(index) && index >= 0 && index < rank
      ? index
      : this.malformed(`there is no axis ${axis} among ${rank}`)
  }

  // Attributes. Those that no lowering read are refused: they would change what the operator means.

  int(name: string, fallback?: number): number {
    return this.#read(name, 'int', fallback)
  }

  float(name: string, fallback?: number): number {
    return this.#read(name, 'float', fallback)
  }

  flag(name: string, fallback = false): boolean {
    return this.int(name, Number(fallback)) !== 0
  }

  text(name: string, fallback?: string): string {
    return this.#read(name, 'string', fallback)
  }

  ints(name: string): readonly number[] | undefined {
    return this.hasAttribute(name) ? this.#read<readonly number[]>(name, 'ints') : undefined
  }

  branch(name: string): OnnxGraph {
    return this.#read(name, 'graph')
  }

  attribute(name: string): Attribute | undefined {
    this.ignore(name)
    return this.node.attributes.get(name)
  }

  hasAttribute(name: string): boolean {
    return this.node.attributes.has(name)
  }

  /** One of some texts. */
  choice<T extends string>(name: string, known: readonly [T, ...T[]]): T {
    const text = this.text(name, known[0])
    const found = known.find((it) => it === text)
    return (
      found ??
      this.refuse(`${name} ${JSON.stringify(text)} is not supported (${known.join(', ')} are)`)
    )
  }

  /** Marks attributes that make no difference here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#unread.delete(name)
  }

  #read<T>(name: string, kind: Attribute['kind'], fallback?: T): T {
    this.#unread.delete(name)
    const attribute = this.node.attributes.get(name)
    if (attribute === undefined) return fallback ?? this.malformed(`attribute ${name} is missing`)
    if (attribute.kind !== kind)
      this.malformed(`attribute ${name} is of kind ${attribute.kind}, ${kind} is wanted`)
    return attribute.value as T
  }

  /** Throws unless every attribute was read. */
  finish(): void {
    for (const name of this.#unread) this.refuse(`attribute ${name} is not supported`)
  }
}
