import { leafCount } from '../../commit/tensor.ts'
import { merkleRoot } from '../../commit/merkle.ts'
import { fromHex } from '../../commit/hash.ts'
import type { Plan } from '../../execute/plan/types.ts'
import type { Executable, StepContext } from '../backend.ts'
import { ALIGNMENT, encodeDispatch, type Gpu, type Range } from './Gpu.ts'
import { dispatchOf, type Arithmetic } from './kernels/index.ts'
import { keccakLeaves } from './kernels/keccak.ts'
import { Memory } from './Memory.ts'
import { Shader, type Dispatch, type Location } from './Shader.ts'
import { WebGpuError } from './WebGpuError.ts'

const HASH_WORDS = 8

/** A dispatch with all that it needs to be encoded. */
interface Step {
  readonly dispatch: Dispatch
  readonly pipeline: GPUComputePipeline
  readonly bindings: GPUBindGroup
}

/** The hashing of a slot's leaves into a part of the buffer of hashes. */
interface Hashing extends Step {
  readonly hashes: Range
}

/** A plan on a device. Between dispatches of one pass the device waits by itself: WebGPU promises that. */
export class GpuExecutable implements Executable {
  readonly #gpu: Gpu
  readonly #memory: Memory
  readonly #steps: readonly Step[]
  /** For each task that commits. */
  readonly #commits: ReadonlyMap<number, Hashing>
  readonly #buffers: readonly GPUBuffer[]
  #closed = false

  private constructor(
    gpu: Gpu,
    memory: Memory,
    steps: readonly Step[],
    commits: ReadonlyMap<number, Hashing>,
    buffers: readonly GPUBuffer[],
  ) {
    this.#gpu = gpu
    this.#memory = memory
    this.#steps = steps
    this.#commits = commits
    this.#buffers = buffers
  }

  static async compile(plan: Plan, gpu: Gpu, arithmetic: Arithmetic): Promise<GpuExecutable> {
    const memory = await Memory.take(plan, gpu)
    const buffers: GPUBuffer[] = []
    try {
      const drafts = plan.tasks.map(({ kernel, inputs, outputs }) => {
        const { parts, locations } = memory.windows([...inputs, ...outputs])
        const [ins, outs] = [locations.slice(0, inputs.length), locations.slice(inputs.length)]
        return { parts, dispatch: dispatchOf(kernel, ins, outs, arithmetic) }
      })
      const { steps, parameters } = await ready(gpu, drafts)
      buffers.push(parameters)
      const committed = [...plan.tasks.entries()].filter(([, { commit }]) => commit)
      const slots = committed.map(([, { outputs }]) => outputs[0])
      const { hashings, buffers: own } = await hashingOf(gpu, memory, slots)
      buffers.push(...own)
      const commits = new Map(committed.map(([task], i) => [task, hashings[i]]))
      return new GpuExecutable(gpu, memory, steps, commits, buffers)
    } catch (error) {
      for (const buffer of buffers) buffer.destroy()
      memory.release()
      throw error
    }
  }

  async run(from: number, to: number, { step, seed }: StepContext): Promise<Uint8Array> {
    this.#open()
    this.#gpu.setContext(step, seed)
    const tasks = this.#steps
      .slice(from, to)
      .map((own, i) => ({ own, hashing: this.#commits.get(from + i) }))
    const leaves = await this.#gpu.submit(
      (encoder) => {
        const pass = encoder.beginComputePass()
        for (const { own, hashing } of tasks) {
          encode(pass, own)
          if (hashing !== undefined) encode(pass, hashing)
        }
        pass.end()
      },
      ...tasks.flatMap(({ hashing }) => hashing?.hashes ?? []),
    )
    return rootsOf(leaves)
  }

  async read(slot: number): Promise<Int32Array> {
    this.#open()
    const extent = this.#memory.extent(slot)
    if (extent === undefined) throw new RangeError(`slot ${slot} has no words on the device`)
    const [words] = await this.#gpu.submit(() => undefined, this.#memory.range(extent))
    return words
  }

  async write(slot: number, words: Int32Array): Promise<void> {
    this.#open()
    const extent = this.#memory.extent(slot)
    if (extent?.words !== words.length)
      throw new RangeError(`slot ${slot} does not have ${words.length} words on the device`)
    const { buffer, at } = this.#memory.range(extent)
    this.#gpu.device.queue.writeBuffer(buffer, 4 * at, words as Int32Array<ArrayBuffer>)
    await this.#gpu.present(Promise.resolve())
  }

  async roots(slots: readonly number[]): Promise<Uint8Array> {
    this.#open()
    const { hashings, buffers } = await hashingOf(this.#gpu, this.#memory, slots)
    try {
      const leaves = await this.#gpu.submit(
        (encoder) => {
          const pass = encoder.beginComputePass()
          for (const hashing of hashings) encode(pass, hashing)
          pass.end()
        },
        ...hashings.map(({ hashes }) => hashes),
      )
      return rootsOf(leaves)
    } finally {
      for (const buffer of buffers) buffer.destroy()
    }
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#memory.release()
      for (const buffer of this.#buffers) buffer.destroy()
    }
    return Promise.resolve()
  }

  #open(): void {
    if (this.#closed) throw new WebGpuError('closed', 'this executable has been closed')
  }
}

function encode(pass: GPUComputePassEncoder, { pipeline, bindings, dispatch }: Step): void {
  encodeDispatch(pass, pipeline, bindings, dispatch)
}

interface Draft {
  readonly dispatch: Dispatch
  readonly parts: Readonly<Record<'arena' | 'states' | 'constants', Range>>
}

/** Compiles drafts, and puts their parameters one after the other into one buffer. */
async function ready(
  gpu: Gpu,
  drafts: readonly Draft[],
): Promise<{ readonly steps: Step[]; readonly parameters: GPUBuffer }> {
  const size = ({ parameters }: Dispatch): number =>
    Math.ceil(parameters.length / ALIGNMENT) * ALIGNMENT
  const all = new Uint32Array(drafts.reduce((sum, { dispatch }) => sum + size(dispatch), 0))
  const parameters = await gpu.storage(all.length)
  try {
    const pipelines = await Promise.all(drafts.map(({ dispatch }) => gpu.pipeline(dispatch.code)))
    let at = 0
    const steps = drafts.map(({ dispatch, parts }, i) => {
      all.set(dispatch.parameters, at)
      const words = size(dispatch)
      const bindings = gpu.bind({ ...parts, parameters: { buffer: parameters, at, words } })
      at += words
      return { dispatch, pipeline: pipelines[i], bindings }
    })
    gpu.device.queue.writeBuffer(parameters, 0, all)
    return { steps, parameters }
  } catch (error) {
    parameters.destroy()
    throw error
  }
}

/** Makes ready to hash the leaves of slots. The kernel sees the slot as its constants and the hashes as its arena. */
async function hashingOf(
  gpu: Gpu,
  memory: Memory,
  slots: readonly number[],
): Promise<{ readonly hashings: Hashing[]; readonly buffers: GPUBuffer[] }> {
  if (slots.length === 0) return { hashings: [], buffers: [] }
  const words = slots.map((slot) => HASH_WORDS * leafCount(memory.plan.slots[slot].count))
  let end = 0
  const starts = words.map((count) => {
    const start = end
    end += Math.ceil(count / ALIGNMENT) * ALIGNMENT
    return start
  })
  const hashes = await gpu.storage(end)
  try {
    const drafts = slots.map((slot, i) => {
      const range = { buffer: hashes, at: starts[i], words: words[i] }
      const { parts, locations } = memory.windows([slot])
      const { count } = memory.plan.slots[slot]
      const [location] = locations
      const held = typeof location === 'object' && 'buffer' in location ? location : undefined
      const x: Location = held === undefined ? location : { buffer: 'constants', at: held.at }
      const shader = new Shader(new Map())
      const dispatch = keccakLeaves(count, x, { buffer: 'arena', at: 0 }, shader)
      const source = held === undefined ? parts.constants : parts[held.buffer]
      return { dispatch, parts: { arena: range, states: gpu.unused, constants: source }, range }
    })
    const { steps, parameters } = await ready(gpu, drafts)
    const hashings = steps.map((step, i) => ({ ...step, hashes: drafts[i].range }))
    return { hashings, buffers: [hashes, parameters] }
  } catch (error) {
    hashes.destroy()
    throw error
  }
}

/** Tensor roots from leaf hashes, end to end. */
function rootsOf(leaves: readonly Int32Array[]): Uint8Array {
  const roots = new Uint8Array(32 * leaves.length)
  leaves.forEach((words, i) => {
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
    roots.set(fromHex(merkleRoot(bytes)), 32 * i)
  })
  return roots
}
