/// <reference types="@webgpu/types" />
import { WebGpuError } from './WebGpuError.ts'

/** A device outside of a browser. */
export interface OpenDevice {
  readonly device: GPUDevice
  /** What the adapter calls itself. */
  readonly adapter: string
  /** Gives the device back; a process that does not would never end by itself. */
  close(): void
}

interface Dawn {
  create(options: string[]): GPU
}

/** Dawn lives as long as something reaches what `create` returned, and crashes the process if that is collected. */
const alive = Symbol.for('lockstep.webgpu')
const globals = globalThis as unknown as Record<symbol, Set<GPU> | undefined>
const living = (globals[alive] ??= new Set())

/**
 * Opens the machine's first adapter through the optional npm package `webgpu`, with the adapter's own limits for memory.
 * Throws a WebGpuError with what to do where the package or an adapter is missing.
 */
export async function openDevice(options: readonly string[] = []): Promise<OpenDevice> {
  const gpu = (await dawn()).create([...options])
  living.add(gpu)
  const close = (): void => void living.delete(gpu)
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
    if (adapter === null)
      throw new WebGpuError(
        'adapter',
        'there is no WebGPU adapter: a GPU with a Vulkan (Linux), Metal or Direct3D 12 driver is needed, or a software adapter (tools/webgpu/adapter.ts)',
      )
    const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits
    const device = await adapter.requestDevice({
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    })
    return {
      device,
      adapter: adapter.info.description || `${adapter.info.vendor} ${adapter.info.architecture}`,
      close: () => {
        device.destroy()
        close()
      },
    }
  } catch (error) {
    close()
    throw error
  }
}

async function dawn(): Promise<Dawn> {
  try {
    return (await import('webgpu')) as Dawn
  } catch (cause) {
    throw new WebGpuError(
      'package',
      'the WebGPU backend needs the npm package `webgpu`: install it with `npm install webgpu`',
      { cause },
    )
  }
}
