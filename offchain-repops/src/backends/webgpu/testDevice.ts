import { afterAll, beforeAll } from 'vitest'
import { openDevice, type OpenDevice } from './openDevice.ts'

/** The device of a file of tests, as a function because it is there only while tests run. Without an adapter they fail. */
export function testDevice(): () => GPUDevice {
  let open: OpenDevice | undefined
  const complaints: string[] = []
  beforeAll(async () => {
    open = await openDevice()
    open.device.addEventListener('uncapturederror', ({ error }) => complaints.push(error.message))
  })
  afterAll(() => {
    open?.close()
    if (complaints.length > 0) throw new Error(`the device complained: ${complaints.join('; ')}`)
  })
  return () => {
    if (open === undefined) throw new Error('there is no device yet')
    return open.device
  }
}
