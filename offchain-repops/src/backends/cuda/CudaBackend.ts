import type { Plan } from '../../execute/plan/types.ts'
import type { Backend, Executable, MemoryNeed } from '../backend.ts'
import type { CudaDevice } from './CudaDevice.ts'
import { CudaExecutable } from './CudaExecutable.ts'

/** Runs plans on an NVIDIA GPU. Get one from `openCuda`. */
export class CudaBackend implements Backend {
  readonly name: string
  readonly fuses = true
  readonly device: CudaDevice

  constructor(device: CudaDevice) {
    this.device = device
    this.name = 'cuda'
  }

  needs(plan: Plan): readonly MemoryNeed[] {
    const bytes = CudaExecutable.sizes(this.device, plan).reduce((sum, size) => sum + size, 0)
    return [{ what: this.device.name, bytes, roomBytes: this.device.freeBytes }]
  }

  async compile(plan: Plan): Promise<Executable> {
    return CudaExecutable.compile(this.device, plan)
  }

  /** Gives the device back; what the driver throws becomes a rejection. */
  close(): Promise<void> {
    return Promise.resolve().then(() => {
      this.device.close()
    })
  }
}
