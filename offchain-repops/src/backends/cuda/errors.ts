/** A call of the CUDA driver that failed: which, and the driver's own name for the reason. */
export class CudaError extends Error {
  override readonly name: string = 'CudaError'
  readonly call: string
  readonly code: number
  readonly reason: string

  constructor(call: string, code: number, reason: string, message?: string) {
    super(message ?? `${call} failed with ${reason} (${code})`)
    this.call = call
    this.code = code
    this.reason = reason
  }
}

/**
 * The device is gone, or has met a fault after which the driver answers nothing more in this process. What was on
 * it is lost; the work can go on elsewhere from the last checkpoint.
 */
export class DeviceLost extends CudaError {
  override readonly name = 'DeviceLost'

  constructor(call: string, code: number, reason: string, device: string) {
    super(
      call,
      code,
      reason,
      `the device ${device} was lost in ${call}: ${reason} (${code}); continue from the last checkpoint on another backend`,
    )
  }
}

/** A plan needs more memory than the device has left. Nothing was taken. */
export class DeviceMemoryError extends Error {
  override readonly name = 'DeviceMemoryError'
  readonly neededBytes: number
  readonly freeBytes: number

  constructor(device: string, neededBytes: number, freeBytes: number) {
    const mebibytes = (bytes: number): string => Math.ceil(bytes / 2 ** 20).toLocaleString('en')
    super(
      `the plan needs ${mebibytes(neededBytes)} MiB on ${device}, which has ${mebibytes(freeBytes)} MiB free: ` +
        'use a smaller batch or model, or another backend',
    )
    this.neededBytes = neededBytes
    this.freeBytes = freeBytes
  }
}

/** This machine has no NVIDIA GPU that could be used; the message says why. */
export class CudaUnavailable extends Error {
  override readonly name = 'CudaUnavailable'

  constructor(message: string, cause: unknown) {
    super(message, { cause })
  }
}

/** Results after which a context answers nothing but the same result (CUDA driver API, CUresult). */
const LOST = new Set([
  4, // deinitialized
  46, // device unavailable
  214, // uncorrectable ECC error
  220, // NVLink uncorrectable
  700, // illegal address
  702, // launch timeout
  709, // context is destroyed
  710, // assert
  714, // hardware stack error
  715, // illegal instruction
  716, // misaligned address
  717, // invalid address space
  718, // invalid program counter
  719, // launch failed
  999, // unknown
])

export const losesDevice = (code: number): boolean => LOST.has(code)
