import { CudaBackend } from './CudaBackend.ts'
import { CudaDevice } from './CudaDevice.ts'
import { Driver, LIBRARY } from './driver.ts'
import { CudaUnavailable } from './errors.ts'
import { kernelImage } from './kernels.ts'

/** Opens the first NVIDIA GPU, or throws a CudaUnavailable. `library`: the driver's, unless it is to be another one. */
export function openCuda(library = LIBRARY): CudaBackend {
  let driver: Driver
  try {
    driver = new Driver(library)
  } catch (cause) {
    throw new CudaUnavailable(`there is no NVIDIA driver ${library}: ${messageOf(cause)}`, cause)
  }
  try {
    driver.init()
    if (driver.deviceCount() === 0) throw new Error('it knows of none')
    return new CudaBackend(new CudaDevice(driver, kernelImage()))
  } catch (cause) {
    throw new CudaUnavailable(`the NVIDIA driver gives no device: ${messageOf(cause)}`, cause)
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
