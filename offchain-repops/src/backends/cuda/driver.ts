import koffi from 'koffi'
import { CudaError, DeviceLost, losesDevice } from './errors.ts'

/** Addresses on the device, and the driver's handles; both are 64 bits wide wherever there is CUDA. */
export type Address = bigint
export type Handle = bigint

/** Names of device attributes that matter here (CUdevice_attribute). */
export const ATTRIBUTES = {
  processors: 16,
  capabilityMajor: 75,
  capabilityMinor: 76,
  sharedBytesOfBlock: 97,
} as const

const NOT_READY = 600
const FUNCTION_MAX_SHARED_BYTES = 8
const CAPTURE_OF_THREAD = 1
const NON_BLOCKING = 1

const signatures = {
  cuInit: ['uint'],
  cuDeviceGetCount: ['void *'],
  cuDeviceGet: ['void *', 'int'],
  cuDeviceGetName: ['void *', 'int', 'int'],
  cuDeviceGetAttribute: ['void *', 'int', 'int'],
  cuDevicePrimaryCtxRetain: ['void *', 'int'],
  cuDevicePrimaryCtxRelease_v2: ['int'],
  cuCtxSetCurrent: ['uint64_t'],
  cuMemGetInfo_v2: ['void *', 'void *'],
  cuMemAlloc_v2: ['void *', 'size_t'],
  cuMemFree_v2: ['uint64_t'],
  cuMemAllocHost_v2: ['void *', 'size_t'],
  cuMemFreeHost: ['uint64_t'],
  cuMemcpyHtoDAsync_v2: ['uint64_t', 'uint64_t', 'size_t', 'uint64_t'],
  cuMemcpyDtoHAsync_v2: ['uint64_t', 'uint64_t', 'size_t', 'uint64_t'],
  cuMemcpyDtoDAsync_v2: ['uint64_t', 'uint64_t', 'size_t', 'uint64_t'],
  cuModuleLoadData: ['void *', 'str'],
  cuModuleUnload: ['uint64_t'],
  cuModuleGetFunction: ['void *', 'uint64_t', 'str'],
  cuFuncSetAttribute: ['uint64_t', 'int', 'int'],
  cuStreamCreate: ['void *', 'uint'],
  cuStreamDestroy_v2: ['uint64_t'],
  cuStreamQuery: ['uint64_t'],
  cuLaunchKernel: [
    'uint64_t',
    ...['uint', 'uint', 'uint', 'uint', 'uint', 'uint', 'uint'],
    ...['uint64_t', 'void *', 'uint64_t'],
  ],
  cuStreamBeginCapture_v2: ['uint64_t', 'int'],
  cuStreamEndCapture: ['uint64_t', 'void *'],
  cuGraphInstantiateWithFlags: ['void *', 'uint64_t', 'uint64_t'],
  cuGraphLaunch: ['uint64_t', 'uint64_t'],
  cuGraphDestroy: ['uint64_t'],
  cuGraphExecDestroy: ['uint64_t'],
  cuGetErrorName: ['int', 'void *'],
} as const

type Call = keyof typeof signatures
type Argument = number | bigint | string | NodeJS.TypedArray
type Native = (...args: Argument[]) => number

/** The driver's library, which comes with the driver and not with a toolkit. */
export const LIBRARY = process.platform === 'win32' ? 'nvcuda.dll' : 'libcuda.so.1'

/**
 * The few calls of the CUDA driver that the backend makes, on the first device, loaded when they are wanted: neither a toolkit
 * nor a driver is needed to install. A call that fails throws CudaError, or DeviceLost where the device is.
 */
export class Driver {
  readonly #calls: Readonly<Record<Call, Native>>
  /** How messages call the device. */
  device = 'cuda:0'
  /** Whether a call found the device lost: nothing on it is there any more. */
  isLost = false

  /** Throws what the dynamic linker says where there is no such library. */
  constructor(library: string) {
    const loaded = koffi.load(library)
    const entries = Object.entries(signatures).map(([name, types]) => [
      name,
      loaded.func(name, 'int', [...types]),
    ])
    this.#calls = Object.fromEntries(entries) as Record<Call, Native>
  }

  #call(name: Call, ...args: Argument[]): void {
    this.#check(name, this.#calls[name](...args))
  }

  #check(name: Call, code: number): void {
    if (code === 0) return
    const reason = this.#reason(code)
    if (losesDevice(code)) {
      this.isLost = true
      throw new DeviceLost(name, code, reason, this.device)
    }
    throw new CudaError(name, code, reason)
  }

  #reason(code: number): string {
    const text = new BigUint64Array(1)
    if (this.#calls.cuGetErrorName(code, text) !== 0 || text[0] === 0n) return 'an unknown error'
    return String(koffi.decode(text[0], 'char', -1))
  }

  /** A call whose first argument is where its one result goes. */
  #handle(name: Call, ...args: Argument[]): bigint {
    const result = new BigUint64Array(1)
    this.#call(name, result, ...args)
    return result[0]
  }

  #number(name: Call, ...args: Argument[]): number {
    const result = new Int32Array(1)
    this.#call(name, result, ...args)
    return result[0]
  }

  init(): void {
    this.#call('cuInit', 0)
  }

  deviceCount(): number {
    return this.#number('cuDeviceGetCount')
  }

  deviceName(device: number): string {
    const name = Buffer.alloc(256)
    this.#call('cuDeviceGetName', name, name.length, device)
    return name.toString('utf8', 0, name.indexOf(0))
  }

  attribute(device: number, attribute: keyof typeof ATTRIBUTES): number {
    return this.#number('cuDeviceGetAttribute', ATTRIBUTES[attribute], device)
  }

  /** Makes the device's context that of this thread. */
  retainContext(ordinal: number): { device: number; context: Handle } {
    const device = this.#number('cuDeviceGet', ordinal)
    const context = this.#handle('cuDevicePrimaryCtxRetain', device)
    this.#call('cuCtxSetCurrent', context)
    return { device, context }
  }

  releaseContext(device: number): void {
    this.#call('cuDevicePrimaryCtxRelease_v2', device)
  }

  freeBytes(): number {
    const free = new BigUint64Array(1)
    this.#call('cuMemGetInfo_v2', free, new BigUint64Array(1))
    return Number(free[0])
  }

  allocate(bytes: number): Address {
    return this.#handle('cuMemAlloc_v2', bytes)
  }

  free(address: Address): void {
    this.#call('cuMemFree_v2', address)
  }

  /** Memory of the host that the device reads and writes by itself; `bytes` views it. */
  allocateHost(length: number): { address: Address; bytes: Uint8Array } {
    const address = this.#handle('cuMemAllocHost_v2', length)
    return { address, bytes: new Uint8Array(koffi.view(address, length)) }
  }

  freeHost(address: Address): void {
    this.#call('cuMemFreeHost', address)
  }

  copyToDevice(to: Address, from: Address, bytes: number, stream: Handle): void {
    this.#call('cuMemcpyHtoDAsync_v2', to, from, bytes, stream)
  }

  copyToHost(to: Address, from: Address, bytes: number, stream: Handle): void {
    this.#call('cuMemcpyDtoHAsync_v2', to, from, bytes, stream)
  }

  copyOnDevice(to: Address, from: Address, bytes: number, stream: Handle): void {
    this.#call('cuMemcpyDtoDAsync_v2', to, from, bytes, stream)
  }

  /** `image`: PTX text, which the driver compiles for the device. */
  loadModule(image: string): Handle {
    return this.#handle('cuModuleLoadData', image)
  }

  unloadModule(module: Handle): void {
    this.#call('cuModuleUnload', module)
  }

  /** A kernel that may be launched with up to `sharedBytes` of dynamic shared memory. */
  kernel(module: Handle, name: string, sharedBytes: number): Handle {
    const kernel = this.#handle('cuModuleGetFunction', module, name)
    if (sharedBytes > 0)
      this.#call('cuFuncSetAttribute', kernel, FUNCTION_MAX_SHARED_BYTES, sharedBytes)
    return kernel
  }

  createStream(): Handle {
    return this.#handle('cuStreamCreate', NON_BLOCKING)
  }

  destroyStream(stream: Handle): void {
    this.#call('cuStreamDestroy_v2', stream)
  }

  /** Whether all that was given to the stream is done. */
  isIdle(stream: Handle): boolean {
    const code = this.#calls.cuStreamQuery(stream)
    if (code === NOT_READY) return false
    this.#check('cuStreamQuery', code)
    return true
  }

  /** `parameters` holds the one struct that every kernel takes. */
  launch(
    kernel: Handle,
    { blocks, threads, sharedBytes }: LaunchSize,
    parameters: BigInt64Array,
    stream: Handle,
  ): void {
    const pointers = BigUint64Array.of(koffi.address(parameters))
    this.#call(
      'cuLaunchKernel',
      ...[kernel, blocks, 1, 1, threads, 1, 1, sharedBytes, stream, pointers, 0n],
    )
  }

  /** Records what `submit` gives to the stream, instead of running it, and makes it ready to run again and again. */
  record(stream: Handle, submit: () => void): Handle {
    this.#call('cuStreamBeginCapture_v2', stream, CAPTURE_OF_THREAD)
    const recorded = new BigUint64Array(1)
    try {
      submit()
    } finally {
      this.#call('cuStreamEndCapture', stream, recorded)
    }
    try {
      return this.#handle('cuGraphInstantiateWithFlags', recorded[0], 0n)
    } finally {
      this.#call('cuGraphDestroy', recorded[0])
    }
  }

  replay(graph: Handle, stream: Handle): void {
    this.#call('cuGraphLaunch', graph, stream)
  }

  destroyGraph(graph: Handle): void {
    this.#call('cuGraphExecDestroy', graph)
  }
}

/** One-dimensional, as all launches here. */
export interface LaunchSize {
  readonly blocks: number
  readonly threads: number
  /** Dynamic shared memory of a block. */
  readonly sharedBytes: number
}
