import type { Plan } from '../../execute/plan/types.ts'
import type { Executable, StepContext } from '../backend.ts'
import type { CudaDevice } from './CudaDevice.ts'
import type { Address, Handle } from './driver.ts'
import { DeviceLost } from './errors.ts'
import { HASH_BYTES } from './launches/roots.ts'
import { pair } from './parameters.ts'
import { translate, type Memory, type Translation } from './translate.ts'

const BATCH = 256 // tasks that are given to the device at a time, outside of a graph

/** A plan on a device. Made by `compile`. */
export class CudaExecutable implements Executable {
  readonly #device: CudaDevice
  readonly #plan: Plan
  readonly #memory: Memory
  readonly #translation: Translation
  readonly #allocated: readonly Address[]
  /** How many roots are committed before each task, and in all. */
  readonly #committed: readonly number[]
  /** Ranges of tasks that have run: recorded as a graph when they run again. */
  readonly #graphs = new Map<string, Handle | undefined>()
  #closed = false

  /** Bytes of each piece of memory that a plan takes. */
  static sizes(device: CudaDevice, plan: Plan): number[] {
    const { program, slots, tasks, arenaWords } = plan
    const draft = translate(device, plan, {
      arena: 0n,
      states: program.states.map(() => 0n),
      constants: program.constants.map(() => 0n),
      tables: 0n,
      scratch: 0n,
      roots: 0n,
    })
    return [
      4 * arenaWords,
      8 * draft.tables.length,
      draft.scratchBytes,
      HASH_BYTES * Math.max(slots.length, tasks.length),
      ...[...program.states, ...program.constants].map(({ count }) => 4 * count),
    ]
  }

  /** Takes the memory that the plan needs, or refuses with a DeviceMemoryError before taking any. */
  static async compile(device: CudaDevice, plan: Plan): Promise<CudaExecutable> {
    const allocated = device.allocate(CudaExecutable.sizes(device, plan))
    try {
      const [arena, tables, scratch, roots, ...entries] = allocated
      const states = entries.slice(0, plan.program.states.length)
      const constants = entries.slice(plan.program.states.length)
      const memory: Memory = { arena, states, constants, tables, scratch, roots }
      const translation = translate(device, plan, memory)
      await device.upload(tables, bytesOf(BigInt64Array.from(translation.tables)))
      return new CudaExecutable(device, plan, memory, translation, allocated)
    } catch (error) {
      if (!(error instanceof DeviceLost)) device.free(allocated)
      throw error
    }
  }

  private constructor(
    device: CudaDevice,
    plan: Plan,
    memory: Memory,
    translation: Translation,
    allocated: readonly Address[],
  ) {
    this.#device = device
    this.#plan = plan
    this.#memory = memory
    this.#translation = translation
    this.#allocated = allocated
    let committed = 0
    this.#committed = [0, ...plan.tasks.map(({ commit }) => (committed += commit ? 1 : 0))]
  }

  async run(from: number, to: number, { step, seed }: StepContext): Promise<Uint8Array> {
    this.#checkOpen()
    const low = Number(BigInt.asUintN(32, seed))
    const high = Number(BigInt.asUintN(32, seed >> 32n))
    const context = BigInt64Array.of(pair(step, low), pair(high, 0)) // struct Context
    await this.#device.upload(this.#memory.tables, bytesOf(context))
    await this.#perform(from, to)
    return this.#readRoots(this.#committed[from], this.#committed[to])
  }

  async #perform(from: number, to: number): Promise<void> {
    const tasks = this.#translation.tasks.slice(from, to)
    const key = `${from} ${to}`
    if (!this.#graphs.has(key)) {
      for (let at = 0; at < tasks.length; at += BATCH) {
        this.#device.submit(tasks.slice(at, at + BATCH).flat())
        await this.#device.idle()
      }
      this.#graphs.set(key, undefined)
      return
    }
    const graph = this.#graphs.get(key) ?? this.#device.record(tasks.flat())
    this.#graphs.set(key, graph)
    this.#device.replay(graph)
    await this.#device.idle()
  }

  async read(slot: number): Promise<Int32Array> {
    this.#checkOpen()
    const words = new Int32Array(this.#plan.slots[slot].count)
    await this.#device.download(this.#translation.slots[slot], bytesOf(words))
    return words
  }

  async write(slot: number, words: Int32Array): Promise<void> {
    this.#checkOpen()
    const { count, place } = this.#plan.slots[slot]
    if (place.kind === 'immediate' || place.kind === 'step')
      throw new Error(`slot ${slot} is ${place.kind}, which is not written`)
    if (words.length !== count)
      throw new RangeError(`slot ${slot} has ${count} words, got ${words.length}`)
    await this.#device.upload(this.#translation.slots[slot], bytesOf(words))
  }

  async roots(slots: readonly number[]): Promise<Uint8Array> {
    this.#checkOpen()
    const most = this.#plan.slots.length // that there is room for
    const parts: Uint8Array[] = []
    for (let at = 0; at < slots.length; at += most) {
      const some = slots.slice(at, at + most)
      this.#device.submit(some.flatMap((slot, i) => this.#translation.hash(slot, i)))
      parts.push(await this.#readRoots(0, some.length))
    }
    return Buffer.concat(parts)
  }

  async #readRoots(begin: number, end: number): Promise<Uint8Array> {
    const roots = new Uint8Array(HASH_BYTES * (end - begin))
    await this.#device.download(this.#memory.roots + BigInt(HASH_BYTES * begin), roots)
    return roots
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#device.isLost) return // the driver gave back all there was
    await this.#device.idle()
    for (const graph of this.#graphs.values()) if (graph !== undefined) this.#device.forget(graph)
    this.#device.free(this.#allocated)
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error('the executable is closed')
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
