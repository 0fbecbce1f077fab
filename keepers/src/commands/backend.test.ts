import { DeviceLost } from '@lockstep/repops'
import { expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { openEngine } from './backend.ts'

test('a lost device is told, counted, and replaced by the fastest of the processor, proved', async () => {
  const log = createLog('silent', 'test')
  const lines: unknown[] = []
  log.error = ((...line: unknown[]) => lines.push(line)) as typeof log.error
  log.info = ((...line: unknown[]) => lines.push(line)) as typeof log.info
  const metrics = new Metrics('test')
  const engine = await openEngine({ backend: 'reference', threads: 1 }, log, metrics)
  expect(engine.name).toBe('reference')
  const error = new DeviceLost('cuGraphLaunch', 719, 'CUDA_ERROR_LAUNCH_FAILED', 'a GPU')
  const name = await engine.run(({ name }) =>
    name === 'reference' ? Promise.reject(error) : Promise.resolve(name),
  )
  expect(name).toMatch(/^(native-.*|wasm)$/)
  expect(lines).toMatchObject([
    [{ backend: 'reference' }, 'backend proved'],
    [
      { backend: 'reference', problem: error.message },
      'the device is lost: going on on the processor',
    ],
    [{ backend: name, refused: 0 }, 'backend proved'],
  ])
  expect((await metrics.lostDevices.get()).values).toMatchObject([
    { value: 1, labels: { backend: 'reference' } },
  ])
})
