import type { Plan } from '../../execute/plan/types.ts'
import type { Backend, Executable } from '../backend.ts'
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

  async compile(plan: Plan): Promise<Executable> {
    return CudaExecutable.compile(this.device, plan)
  }

  /** Gives the device back. Its executables have to be closed before. */
  close(): void {
    this.device.close()
  }
}
