import type { Plan } from '../../execute/plan/types.ts'
import { ALIGNMENT, type Gpu, type Range } from './Gpu.ts'
import type { Location } from './Shader.ts'
import { WebGpuError } from './WebGpuError.ts'

const BUFFERS = ['arena', 'states', 'constants'] as const
type BufferName = (typeof BUFFERS)[number]

/** Words of a slot on the device. */
interface Extent {
  readonly buffer: BufferName
  readonly at: number
  readonly words: number
}

/** The three buffers of a plan, and where each slot lies in them. */
export class Memory {
  readonly plan: Plan
  readonly #gpu: Gpu
  readonly #buffers: Readonly<Record<BufferName, GPUBuffer>>
  readonly #states: readonly number[]
  readonly #constants: readonly number[]

  private constructor(plan: Plan, gpu: Gpu, buffers: Readonly<Record<BufferName, GPUBuffer>>) {
    this.plan = plan
    this.#gpu = gpu
    this.#buffers = buffers
    this.#states = starts(plan.program.states)
    this.#constants = starts(plan.program.constants)
  }

  /** Takes the memory of a plan. Throws 'memory' where the device has no room. */
  static async take(plan: Plan, gpu: Gpu): Promise<Memory> {
    const taken: GPUBuffer[] = []
    try {
      for (const name of BUFFERS) taken.push(await gpu.storage(sizesOf(plan)[name]))
    } catch (error) {
      for (const buffer of taken) buffer.destroy()
      throw error
    }
    const [arena, states, constants] = taken
    return new Memory(plan, gpu, { arena, states, constants })
  }

  /** Where a slot lies; undefined for an immediate or the step. */
  extent(slot: number): Extent | undefined {
    const { place, count } = this.plan.slots[slot]
    if (place.kind === 'arena') return { buffer: 'arena', at: place.offset, words: count }
    if (place.kind === 'state')
      return { buffer: 'states', at: this.#states[place.ref], words: count }
    if (place.kind === 'constant')
      return { buffer: 'constants', at: this.#constants[place.ref], words: count }
    return undefined
  }

  /** A slot's words as a range of a buffer. */
  range({ buffer, at, words }: Extent): Range {
    return { buffer: this.#buffers[buffer], at, words }
  }

  /**
   * The part of each buffer in which some slots lie, no more, because a binding has a limit; and the slots' locations
   * in these parts. Throws 'memory' where a part is larger than the limit.
   */
  windows(slots: readonly number[]): {
    readonly parts: Readonly<Record<BufferName, Range>>
    readonly locations: readonly Location[]
  } {
    const extents = slots.map((slot) => this.extent(slot))
    const part = (name: BufferName): Range => {
      const inside = extents.flatMap((extent) => (extent?.buffer === name ? [extent] : []))
      const first = inside.length === 0 ? 0 : Math.min(...inside.map(({ at }) => at))
      const from = first - (first % ALIGNMENT)
      const to = Math.max(from + 1, ...inside.map(({ at, words }) => at + words))
      this.#checkBinding(name, to - from)
      return { buffer: this.#buffers[name], at: from, words: to - from }
    }
    const parts = { arena: part('arena'), states: part('states'), constants: part('constants') }
    const locations = extents.map((extent, i): Location => {
      if (extent !== undefined)
        return { buffer: extent.buffer, at: extent.at - parts[extent.buffer].at }
      const { place } = this.plan.slots[slots[i]]
      return place.kind === 'immediate' ? { bits: place.bits } : 'step'
    })
    return { parts, locations }
  }

  release(): void {
    for (const name of BUFFERS) this.#buffers[name].destroy()
  }

  #checkBinding(name: BufferName, words: number): void {
    const limit = this.#gpu.device.limits.maxStorageBufferBindingSize
    if (4 * words > limit)
      throw new WebGpuError(
        'memory',
        `a kernel's tensors span ${4 * words} bytes of the ${name} and this device binds at most ${limit} at once`,
      )
  }
}

/** Words of each buffer that a plan takes. */
export function sizesOf({ program, arenaWords }: Plan): Readonly<Record<BufferName, number>> {
  return { arena: arenaWords, states: end(program.states), constants: end(program.constants) }
}

const padded = (words: number): number => Math.ceil(words / ALIGNMENT) * ALIGNMENT

/** First word of each entry, one after the other. */
function starts(entries: readonly { readonly count: number }[]): number[] {
  let at = 0
  return entries.map(({ count }) => {
    const start = at
    at += padded(count)
    return start
  })
}

const end = (entries: readonly { readonly count: number }[]): number =>
  entries.reduce((sum, { count }) => sum + padded(count), 0)
