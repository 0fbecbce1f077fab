import { withLibrary, type Library } from './wgsl/library.ts'

/** Workgroups along the first axis of a dispatch; more go to the second. */
const GROUPS = 65535

/** Where a kernel finds a slot: in a buffer from a word on, as an immediate, or as the step number. */
export type Location =
  | { readonly buffer: 'arena' | 'states' | 'constants'; readonly at: number }
  | { readonly bits: number }
  | 'step'

/** A task as the device runs it. Tasks of one structure have one text: what differs is in `parameters`. */
export interface Dispatch {
  readonly code: string
  readonly parameters: Uint32Array
  readonly groups: readonly [x: number, y: number]
}

/** Writes the text of one kernel and collects its parameters. */
export class Shader {
  readonly #library: Library
  readonly #parameters: number[] = []
  #declarations = ''

  constructor(library: Library) {
    this.#library = library
  }

  /** An expression of type u32 for a value that is no part of the text. */
  parameter(value: number): string {
    if (!(value >= -(2 ** 31) && value < 2 ** 32))
      throw new RangeError(`a kernel's parameter is a word, not ${value}`)
    return `parameters[${this.#parameters.push(value >>> 0) - 1}u]`
  }

  /** An expression for the word at `index` of a slot. */
  read(location: Location, index: string): string {
    if (location === 'step') return 'context.x'
    if ('bits' in location) return this.parameter(location.bits)
    return `${location.buffer}[${this.parameter(location.at)} + ${index}]`
  }

  /** A statement that writes the word at `index` of a slot. */
  write(location: Location, index: string, value: string): string {
    return `${this.read(location, index)} = ${value};`
  }

  /** Adds a declaration at module scope. */
  declare(text: string): void {
    this.#declarations += `${text}\n`
  }

  /**
   * `body` with `group` (of `groups`) and `thread` (of `threads`) in scope. Every thread of a group returns early
   * where there is no such group, so `body` may have barriers.
   */
  dispatch(groups: number, threads: number, body: string): Dispatch {
    const count = this.parameter(groups)
    const main = `
@group(0) @binding(0) var<storage, read_write> arena: array<u32>;
@group(0) @binding(1) var<storage, read_write> states: array<u32>;
@group(0) @binding(2) var<storage, read> constants: array<u32>;
@group(0) @binding(3) var<storage, read> parameters: array<u32>;
@group(0) @binding(4) var<uniform> context: vec4u; // step, seed (low, high), zero
${this.#declarations}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
  let group = id.y * ${GROUPS}u + id.x;
  if (group >= ${count}) { return; }
  ${body}
}`
    return {
      code: withLibrary(this.#library, main),
      parameters: Uint32Array.from(this.#parameters),
      groups: [Math.min(groups, GROUPS), Math.ceil(groups / GROUPS)],
    }
  }

  /** `body` once for each i < count, with `i` in scope. */
  dispatchEach(count: number, body: string): Dispatch {
    const limit = this.parameter(count)
    const each = `let i = group * 64u + thread;
  if (i >= ${limit}) { return; }
  ${body}`
    return this.dispatch(Math.ceil(count / 64), 64, each)
  }
}
