/// <reference types="@webgpu/types" />
import type { Dispatch } from './Shader.ts'
import { WebGpuError } from './WebGpuError.ts'

/** Flags of the standard, by value: outside of a browser no global names them. */
const USAGE = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 }
const COMPUTE = 0x4
const MAP_READ = 0x1

/** Part of a buffer: `words` words from `at` on. */
export interface Range {
  readonly buffer: GPUBuffer
  readonly at: number
  readonly words: number
}

/** What a kernel sees: see the declarations in Shader.ts. */
export interface Bindings {
  readonly arena: Range
  readonly states: Range
  readonly constants: Range
  readonly parameters: Range
}

/** Words between the starts of parts of a buffer that are bound one by one: 256 bytes. */
export const ALIGNMENT = 64

// Texts of kernels follow the shapes of tensors: whoever runs many programs would have ever more of them.
const MOST_PIPELINES = 512

/** A device with its pipelines. Every method fails with a WebGpuError once the device is lost, or this is closed. */
export class Gpu {
  readonly device: GPUDevice
  /** What is bound where a kernel uses nothing. */
  readonly unused: Range
  readonly #layout: GPUBindGroupLayout
  /** By the text of the kernel; those that were used last are last. */
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>()
  readonly #context: GPUBuffer
  readonly #gone: Promise<never>
  #unusable: WebGpuError | undefined

  constructor(device: GPUDevice) {
    this.device = device
    const entry = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => ({
      binding,
      visibility: COMPUTE,
      buffer: { type },
    })
    this.#layout = device.createBindGroupLayout({
      entries: [
        entry(0, 'storage'),
        entry(1, 'storage'),
        entry(2, 'read-only-storage'),
        entry(3, 'read-only-storage'),
        entry(4, 'uniform'),
      ],
    })
    const nothing = device.createBuffer({ size: 4 * ALIGNMENT, usage: USAGE.storage })
    this.unused = { buffer: nothing, at: 0, words: ALIGNMENT }
    this.#context = device.createBuffer({ size: 16, usage: USAGE.uniform | USAGE.copyTarget })
    this.#gone = device.lost.then(({ reason, message }) => {
      const what = message === '' ? reason : message
      this.#unusable ??= new WebGpuError(
        'lost',
        `the WebGPU device is gone (${what}): what it held is lost, take the job up again from its last checkpoint`,
      )
      throw this.#unusable
    })
    this.#gone.catch(() => undefined) // told to whoever asks next
  }

  /** A buffer for storage of `words` words, all 0. Throws 'memory' where the device has no room. */
  async storage(words: number): Promise<GPUBuffer> {
    const bytes = 4 * Math.max(words, ALIGNMENT)
    const { maxBufferSize } = this.device.limits
    if (bytes > maxBufferSize)
      throw new WebGpuError(
        'memory',
        `${bytes} bytes are wanted in one buffer and this device allows ${maxBufferSize}`,
      )
    this.device.pushErrorScope('out-of-memory')
    const usage = USAGE.storage | USAGE.copySource | USAGE.copyTarget
    const buffer = this.device.createBuffer({ size: bytes, usage })
    const error = await this.present(this.device.popErrorScope())
    if (error === null) return buffer
    throw new WebGpuError('memory', `the device has no room for ${bytes} bytes: ${error.message}`)
  }

  /** The pipeline of a kernel; compiled once for each text, as long as others are not used more. */
  pipeline(code: string): Promise<GPUComputePipeline> {
    const pipeline = this.#pipelines.get(code) ?? this.present(this.#compile(code))
    this.#pipelines.delete(code)
    this.#pipelines.set(code, pipeline)
    if (this.#pipelines.size > MOST_PIPELINES) {
      const [oldest] = this.#pipelines.keys()
      this.#pipelines.delete(oldest)
    }
    return pipeline
  }

  /** Gives back what it took of the device. */
  close(): void {
    this.#unusable ??= new WebGpuError('closed', 'the backend has been closed')
    this.#pipelines.clear()
    this.unused.buffer.destroy()
    this.#context.destroy()
  }

  async #compile(code: string): Promise<GPUComputePipeline> {
    const layout = this.device.createPipelineLayout({ bindGroupLayouts: [this.#layout] })
    this.device.pushErrorScope('validation')
    const module = this.device.createShaderModule({ code })
    const error = await this.device.popErrorScope()
    try {
      if (error !== null) throw new Error(error.message)
      return await this.device.createComputePipelineAsync({ layout, compute: { module } })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new WebGpuError('kernel', `the device refused a kernel: ${reason}`, { cause })
    }
  }

  bind({ arena, states, constants, parameters }: Bindings): GPUBindGroup {
    const resource = ({ buffer, at, words }: Range): GPUBufferBinding => ({
      buffer,
      offset: 4 * at,
      size: 4 * words,
    })
    return this.device.createBindGroup({
      layout: this.#layout,
      entries: [
        { binding: 0, resource: resource(arena) },
        { binding: 1, resource: resource(states) },
        { binding: 2, resource: resource(constants) },
        { binding: 3, resource: resource(parameters) },
        { binding: 4, resource: { buffer: this.#context } },
      ],
    })
  }

  /** What kernels know beside their inputs; for everything that is submitted from now on. */
  setContext(step: number, seed: bigint): void {
    const words = [step, Number(seed & 0xffffffffn), Number(seed >> 32n), 0]
    this.device.queue.writeBuffer(this.#context, 0, Uint32Array.from(words))
  }

  /** Runs what `encode` writes, then copies the ranges out, each as an array of its own. */
  async submit(
    encode: (encoder: GPUCommandEncoder) => void,
    ...wanted: readonly Range[]
  ): Promise<Int32Array[]> {
    this.#checkUsable()
    const encoder = this.device.createCommandEncoder()
    encode(encoder)
    const words = wanted.reduce((sum, range) => sum + range.words, 0)
    if (words === 0) {
      this.device.queue.submit([encoder.finish()])
      await this.present(this.device.queue.onSubmittedWorkDone())
      return []
    }
    const usage = USAGE.mapRead | USAGE.copyTarget
    const staging = this.device.createBuffer({ size: 4 * words, usage })
    try {
      let to = 0
      for (const range of wanted) {
        encoder.copyBufferToBuffer(range.buffer, 4 * range.at, staging, 4 * to, 4 * range.words)
        to += range.words
      }
      this.device.queue.submit([encoder.finish()])
      await this.present(staging.mapAsync(MAP_READ))
      const all = new Int32Array(staging.getMappedRange())
      let from = 0
      return wanted.map((range) => all.slice(from, (from += range.words)))
    } finally {
      staging.destroy()
    }
  }

  /** The promise, or the loss of the device if that comes first. */
  async present<T>(promise: Promise<T>): Promise<T> {
    this.#checkUsable()
    try {
      return await Promise.race([promise, this.#gone])
    } catch (error) {
      // A lost device also fails what it was doing, perhaps before it says so; the loss is the reason.
      await Promise.resolve()
      this.#checkUsable()
      throw error
    }
  }

  #checkUsable(): void {
    if (this.#unusable !== undefined) throw this.#unusable
  }
}

export function encodeDispatch(
  pass: GPUComputePassEncoder,
  pipeline: GPUComputePipeline,
  bindings: GPUBindGroup,
  { groups }: Dispatch,
): void {
  pass.setPipeline(pipeline)
  pass.setBindGroup(0, bindings)
  pass.dispatchWorkgroups(...groups)
}
