/// <reference types="@webgpu/types" />
import type { Backend } from '../backend.ts'
import { adapterTest, type FloatTrial } from './adapterTest.ts'
import { Gpu } from './Gpu.ts'
import { GpuExecutable } from './GpuExecutable.ts'
import { sizesOf } from './Memory.ts'
import { HARDWARE, type Hardware } from './wgsl/arithmetic.ts'
import { repopsLibrary } from './wgsl/repops.ts'

export { openDevice, type OpenDevice } from './openDevice.ts'
export { WebGpuError, type WebGpuErrorCode } from './WebGpuError.ts'
export type { FloatTrial }

export interface WebGpuOptions {
  /**
   * `tested` (the default) uses the device's floats for the operations in which the adapter test finds no wrong bit;
   * `integers` never does: every bit is then one that WGSL promises.
   */
  readonly arithmetic?: 'tested' | 'integers'
  /** How the device's floats are called. For tests. */
  readonly hardware?: Hardware
}

export interface WebGpuBackend extends Backend {
  /** What the adapter test found; empty with `integers`. */
  readonly trials: readonly FloatTrial[]
}

/**
 * A backend on a WebGPU device, in a browser or (with `openDevice`) in Node. The device stays the caller's, also when
 * the backend is closed.
 */
export async function webgpu(
  device: GPUDevice,
  { arithmetic = 'tested', hardware = HARDWARE }: WebGpuOptions = {},
): Promise<WebGpuBackend> {
  const gpu = new Gpu(device)
  const trials = arithmetic === 'tested' ? await adapterTest(gpu, hardware) : []
  const exact = trials.filter(({ wrong }) => wrong === 0).map(({ operation }) => operation)
  const floats = new Set(exact)
  const library = repopsLibrary(floats, hardware)
  return {
    name: 'webgpu',
    fuses: true,
    trials,
    needs: (plan) =>
      Object.entries(sizesOf(plan)).map(([name, words]) => ({
        what: `buffer of the ${name}`,
        bytes: 4 * words,
        roomBytes: device.limits.maxBufferSize,
      })),
    compile: (plan) => GpuExecutable.compile(plan, gpu, { library, floats }),
    close: () => {
      gpu.close()
      return Promise.resolve()
    },
  }
}
