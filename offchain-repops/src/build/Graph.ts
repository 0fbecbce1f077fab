import { encodeNode } from '../program/nodeCodec.ts'
import { checkProgram } from '../program/program.ts'
import { ancestors } from '../execute/plan/ancestors.ts'
import type {
  ConstantEntry,
  DType,
  Form,
  Input,
  Node,
  Program,
  StateEntry,
} from '../program/types.ts'
import { outputOf, product } from '../program/wants.ts'
import { BuildError, type Shape } from './shapes.ts'
import { Value } from './Value.ts'

/** A gradient of a composite: from the gradient of its output to those of its inputs. */
export interface Override {
  readonly inputs: readonly Value[]
  readonly output: Value
  readonly backward: (dy: Value) => readonly (Value | undefined)[]
}

/**
 * A program while it is being built. Values come from `state`, `constant`, `step`, scalars and from
 * operations on other values; `setNext` says what a state becomes. A node that is there already is
 * never made again.
 */
export class Graph {
  readonly #nodes: Node[] = []
  readonly #known = new Map<string, number>()
  readonly #states: { entry: Omit<StateEntry, 'next'>; next: Value | undefined }[] = []
  readonly #constants: ConstantEntry[] = []
  readonly #overrides = new Map<number, Override>()

  /** A tensor that is kept from step to step; unchanged until `setNext` is called. */
  state(name: string, type: DType, shape: Shape): Value {
    const ref = this.#states.length
    this.#states.push({ entry: { name, type, count: product(shape) }, next: undefined })
    return new Value(this, { kind: 'state', ref }, type, shape)
  }

  /** A tensor that the job binds and no step changes. */
  constant(name: string, type: DType, shape: Shape): Value {
    this.#constants.push({ name, type, count: product(shape) })
    return new Value(this, { kind: 'constant', ref: this.#constants.length - 1 }, type, shape)
  }

  /** The step number, an i32 scalar. */
  step(): Value {
    return new Value(this, { kind: 'step' }, 'i32', [])
  }

  /** A scalar, rounded to f32. */
  f32(value: number): Value {
    const [bits] = new Uint32Array(Float32Array.of(value).buffer)
    return new Value(this, { kind: 'immediate', bits }, 'f32', [])
  }

  /** A scalar, a whole number taken mod 2^32. */
  i32(value: number): Value {
    if (!Number.isInteger(value)) throw new BuildError(`${value} is no whole number`)
    return new Value(this, { kind: 'immediate', bits: value >>> 0 }, 'i32', [])
  }

  scalar(type: DType, value: number): Value {
    return type === 'f32' ? this.f32(value) : this.i32(value)
  }

  /** 0, 1, … n − 1. */
  iota(n: number): Value {
    return this.emit('Iota', 'i32', [], { family: 'generate', N: n, stream: 0 }, [n])
  }

  /** Random words that depend on seed, step, stream and place only. */
  philox(shape: Shape, stream: number): Value {
    const N = product(shape)
    return this.emit('Philox', 'i32', [], { family: 'generate', N, stream }, shape)
  }

  /** Adds a node, or finds the equal one. */
  emit(op: string, type: DType, inputs: readonly Value[], form: Form, shape: Shape): Value {
    const node: Node = { op, type, inputs: inputs.map((value) => this.#own(value).input), form }
    const key = JSON.stringify(node)
    let ref = this.#known.get(key)
    if (ref === undefined) {
      ref = this.#nodes.length
      const bounds = { node: ref, states: this.#states.length, constants: this.#constants.length }
      encodeNode(node, bounds)
      this.#nodes.push(node)
      this.#known.set(key, ref)
    }
    const output = outputOf(node)
    if (product(shape) !== output.count)
      throw new BuildError(`${op} yields ${output.count} elements, not shape [${shape.join(', ')}]`)
    return new Value(this, { kind: 'node', ref }, output.type, shape)
  }

  node(index: number): Node {
    return this.#nodes[index]
  }

  /** Gives a composite a gradient of its own, used instead of those of the nodes inside it. */
  setGradient(override: Override): void {
    const { input } = override.output
    if (input.kind === 'node') this.#overrides.set(input.ref, override)
  }

  gradientOf(node: number): Override | undefined {
    return this.#overrides.get(node)
  }

  /** Makes `value` what `state` becomes after the step. */
  setNext(state: Value, value: Value): void {
    const { input } = this.#own(state)
    if (input.kind !== 'state') throw new BuildError(`a ${input.kind} has no next value`)
    const slot = this.#states[input.ref]
    if (this.#own(value).type !== state.type || value.count !== state.count)
      throw new BuildError(
        `state ${slot.entry.name} is ${state.count} elements of ${state.type}, its next value ${value.count} of ${value.type}`,
      )
    slot.next = value
  }

  /** What a state becomes after the step, as far as it is known: itself if nothing was said. */
  nextOf(state: Value): Value {
    const { input } = this.#own(state)
    if (input.kind !== 'state') throw new BuildError(`a ${input.kind} has no next value`)
    return this.#states[input.ref].next ?? state
  }

  /** The finished program, without nodes that no state depends on. Throws where nothing changes any state. */
  program(): Program {
    const results = this.#states.map(({ next }, ref) =>
      next && !(next.input.kind === 'state' && next.input.ref === ref) ? next.asNode() : undefined,
    )
    const wanted = results.flatMap((input) => input ?? [])
    const living = [...ancestors({ nodes: this.#nodes }, wanted)].sort((a, b) => a - b)
    const place = new Map(living.map((old, index) => [old, index]))
    const moved = (ref: number): number => place.get(ref) ?? ref
    const program: Program = {
      nodes: living.map((old) => ({
        ...this.#nodes[old],
        inputs: this.#nodes[old].inputs.map(
          (input): Input =>
            input.kind === 'node' ? { kind: 'node', ref: moved(input.ref) } : input,
        ),
      })),
      states: this.#states.map(({ entry }, i) => {
        const result = results[i]
        return { ...entry, next: result === undefined ? undefined : moved(result) }
      }),
      constants: this.#constants,
    }
    checkProgram(program)
    return program
  }

  #own(value: Value): Value {
    if (value.graph !== this) throw new BuildError('a value belongs to another graph')
    return value
  }
}
