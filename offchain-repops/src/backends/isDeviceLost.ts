import { DeviceLost } from './cuda/errors.ts'
import { WebGpuError } from './webgpu/WebGpuError.ts'

/**
 * Whether a backend's call failed because its device is gone, with all that was on it: no later call of that backend
 * in this process can be counted on, and the work can go on elsewhere from the last state that was read.
 */
export function isDeviceLost(error: unknown): boolean {
  return error instanceof DeviceLost || (error instanceof WebGpuError && error.code === 'lost')
}
