import { Driver, type Address, type Handle } from './driver.ts'
import { DeviceMemoryError } from './errors.ts'
import { KERNELS } from './kernels.ts'
import type { DeviceLimits, Launch } from './launches/launch.ts'

const STAGING_BYTES = 8 * 2 ** 20
const SPIN_MS = 2 // while a wait is this short, look again as soon as the event loop has been round
const POLL_MS = 1

/** A device with the kernels on it, and the one stream in which all its work is done. */
export class CudaDevice implements DeviceLimits {
  readonly name: string
  readonly processors: number
  readonly sharedBytes: number
  readonly #driver: Driver
  readonly #device: number
  readonly #module: Handle
  readonly #stream: Handle
  readonly #kernels = new Map<string, Handle>()
  readonly #staging: { readonly address: Address; readonly bytes: Uint8Array }
  #turn: Promise<unknown> = Promise.resolve()
  #closed = false

  /** Takes the first device. `image`: the text of the kernels. */
  constructor(driver: Driver, image: string) {
    this.#driver = driver
    const { device } = driver.retainContext(0)
    this.#device = device
    const capability = ['capabilityMajor', 'capabilityMinor'] as const
    const version = capability.map((attribute) => driver.attribute(device, attribute)).join('.')
    this.name = `${driver.deviceName(device)} (compute capability ${version})`
    driver.device = this.name
    this.processors = driver.attribute(device, 'processors')
    this.sharedBytes = driver.attribute(device, 'sharedBytesOfBlock')
    this.#module = driver.loadModule(image)
    for (const { name, dynamicShared } of KERNELS) {
      const shared = dynamicShared ? this.sharedBytes : 0
      this.#kernels.set(name, driver.kernel(this.#module, `repops_${name}`, shared))
    }
    this.#stream = driver.createStream()
    this.#staging = driver.allocateHost(STAGING_BYTES)
  }

  /** Whether the device is gone, and all that was on it. */
  get isLost(): boolean {
    return this.#driver.isLost
  }

  /** What of its memory nobody has taken. */
  get freeBytes(): number {
    return this.#driver.freeBytes()
  }

  /** One piece of memory for each size, or an error with the sum before any is taken. */
  allocate(sizes: readonly number[]): Address[] {
    const needed = sizes.reduce((sum, bytes) => sum + bytes, 0)
    const free = this.freeBytes
    if (needed > free) throw new DeviceMemoryError(this.name, needed, free)
    const taken: Address[] = []
    try {
      for (const bytes of sizes) taken.push(this.#driver.allocate(Math.max(bytes, 1)))
      return taken
    } catch (error) {
      this.free(taken)
      throw error
    }
  }

  free(addresses: readonly Address[]): void {
    for (const address of addresses) this.#driver.free(address)
  }

  submit(launches: readonly Launch[]): void {
    for (const launch of launches) {
      if (launch.kind === 'copy') {
        this.#driver.copyOnDevice(launch.to, launch.from, launch.bytes, this.#stream)
        continue
      }
      const kernel = this.#kernels.get(launch.kernel)
      if (kernel === undefined) throw new Error(`there is no kernel ${launch.kernel}`)
      this.#driver.launch(kernel, launch, BigInt64Array.from(launch.parameters), this.#stream)
    }
  }

  record(launches: readonly Launch[]): Handle {
    return this.#driver.record(this.#stream, () => {
      this.submit(launches)
    })
  }

  replay(graph: Handle): void {
    this.#driver.replay(graph, this.#stream)
  }

  forget(graph: Handle): void {
    this.#driver.destroyGraph(graph)
  }

  /** Copies bytes to the device; they are there before anything that is submitted later. */
  upload(to: Address, from: Uint8Array): Promise<void> {
    return this.#alone(async () => {
      const { address, bytes } = this.#staging
      for (let at = 0; at < from.length; at += STAGING_BYTES) {
        const part = from.subarray(at, at + STAGING_BYTES)
        bytes.set(part)
        this.#driver.copyToDevice(to + BigInt(at), address, part.length, this.#stream)
        await this.idle()
      }
    })
  }

  /** Copies bytes from the device when all that was submitted before is done. */
  download(from: Address, to: Uint8Array): Promise<void> {
    return this.#alone(async () => {
      const { address, bytes } = this.#staging
      for (let at = 0; at < to.length; at += STAGING_BYTES) {
        const length = Math.min(STAGING_BYTES, to.length - at)
        this.#driver.copyToHost(address, from + BigInt(at), length, this.#stream)
        await this.idle()
        to.set(bytes.subarray(0, length), at)
      }
    })
  }

  /** Resolves when the device has done all that was submitted; the event loop goes on meanwhile. */
  async idle(): Promise<void> {
    const start = performance.now()
    while (!this.#driver.isIdle(this.#stream)) {
      const isShort = performance.now() - start < SPIN_MS
      await new Promise<void>((resolve) => {
        if (isShort) setImmediate(resolve)
        else setTimeout(resolve, POLL_MS)
      })
    }
  }

  close(): void {
    if (this.#closed || this.isLost) return
    this.#closed = true
    this.#driver.freeHost(this.#staging.address)
    this.#driver.destroyStream(this.#stream)
    this.#driver.unloadModule(this.#module)
    this.#driver.releaseContext(this.#device)
  }

  /** The staging memory serves one copy at a time. */
  #alone<T>(copy: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(copy, copy)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}
