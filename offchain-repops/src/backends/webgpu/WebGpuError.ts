/**
 * - `package`: the npm package `webgpu` is not installed
 * - `adapter`: there is no adapter, or none that can run the kernels
 * - `memory`: a tensor, or all of them, is more than the device takes
 * - `lost`: the device went away
 * - `closed`: what was asked has been closed
 * - `kernel`: the device refused a kernel
 */
export type WebGpuErrorCode = 'package' | 'adapter' | 'memory' | 'lost' | 'closed' | 'kernel'

export class WebGpuError extends Error {
  override readonly name = 'WebGpuError'
  readonly code: WebGpuErrorCode

  constructor(code: WebGpuErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
