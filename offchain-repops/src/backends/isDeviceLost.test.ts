import { expect, test } from 'vitest'
import { CudaError, DeviceLost, DeviceMemoryError } from './cuda/errors.ts'
import { isDeviceLost } from './isDeviceLost.ts'
import { WebGpuError } from './webgpu/WebGpuError.ts'

test.each([
  [new DeviceLost('cuGraphLaunch', 719, 'CUDA_ERROR_LAUNCH_FAILED', 'a GPU'), true],
  [new WebGpuError('lost', 'the device is gone'), true],
  [new CudaError('cuGraphLaunch', 1, 'CUDA_ERROR_INVALID_VALUE'), false],
  [new DeviceMemoryError('a GPU', 2 ** 30, 2 ** 20), false],
  [new WebGpuError('memory', 'no room'), false],
  [new Error('the device was lost'), false],
  [undefined, false],
])('%s: %s', (error, lost) => {
  expect(isDeviceLost(error)).toBe(lost)
})
