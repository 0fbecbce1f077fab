import { type Backend, DeviceLost, reference, WebGpuError } from '@lockstep/repops'
import { expect, test } from 'vitest'
import { Engine } from './engine.ts'

const lost = new DeviceLost('cuGraphLaunch', 719, 'CUDA_ERROR_LAUNCH_FAILED', 'a GPU')
const gpu: Backend = { ...reference, name: 'gpu' }

/** Fails with `error` on the GPU, and counts. */
function failing(error: Error) {
  const used: string[] = []
  const task = (backend: Backend) => {
    used.push(backend.name)
    return backend === gpu ? Promise.reject(error) : Promise.resolve(used.length)
  }
  return { task, used }
}

test.each([lost, new WebGpuError('lost', 'gone')])('%s: begins again on another', async (error) => {
  const told: unknown[] = []
  const engine = new Engine(gpu, (...from) => (told.push(from), Promise.resolve(reference)))
  const { task, used } = failing(error)
  expect(await engine.run(task)).toBe(2)
  expect(used).toEqual(['gpu', 'reference'])
  expect(told).toEqual([[gpu, error]])
  expect(engine.name).toBe('reference')
  // For good.
  expect(await engine.run(task)).toBe(3)
})

test('tasks that lose the same device wait for one replacement', async () => {
  let opened = 0
  const engine = new Engine(gpu, async () => {
    opened++
    await new Promise((resolve) => setTimeout(resolve, 20))
    return reference
  })
  const { task, used } = failing(lost)
  await Promise.all([engine.run(task), engine.run(task), engine.run(task)])
  expect(opened).toBe(1)
  expect(used.slice(3)).toEqual(['reference', 'reference', 'reference'])
})

test('another failure is the task’s own', async () => {
  const engine = new Engine(gpu, () => Promise.resolve(reference))
  const { task, used } = failing(new Error('no memory'))
  await expect(engine.run(task)).rejects.toThrow('no memory')
  expect(used).toEqual(['gpu'])
  expect(engine.name).toBe('gpu')
})

test('where nothing takes its place, that is said, and tried again', async () => {
  let tries = 0
  const engine = new Engine(gpu, () =>
    ++tries < 2 ? Promise.reject(new Error('nothing here works')) : Promise.resolve(reference),
  )
  const { task } = failing(lost)
  await expect(engine.run(task)).rejects.toThrow('nothing here works')
  expect(await engine.run(task)).toBe(3)
})

test.each<[string, () => Promise<void>]>([
  ['never ends', () => new Promise(() => undefined)],
  [
    'throws',
    () => {
      throw new Error('no context')
    },
  ],
  ['fails', () => Promise.reject(new Error('no context'))],
])('a lost device whose close %s holds up nothing', async (_, close) => {
  const bad: Backend = { ...gpu, close }
  const engine = new Engine(bad, () => Promise.resolve(reference))
  const task = (backend: Backend) =>
    backend === bad ? Promise.reject(lost) : Promise.resolve(backend.name)
  expect(await engine.run(task)).toBe('reference')
})

test('a replacement that comes after the end is given back, and none is asked for later', async () => {
  let closed = 0
  let opened = 0
  let arrive = (): void => undefined
  const late: Backend = { ...reference, close: () => Promise.resolve(void closed++) }
  const engine = new Engine(gpu, async () => {
    opened++
    await new Promise<void>((resolve) => (arrive = resolve))
    return late
  })
  const { task, used } = failing(lost)
  const running = engine.run(task)
  await expect.poll(() => opened).toBe(1)
  await engine.close()
  arrive()
  await expect(running).rejects.toBe(lost)
  expect(closed).toBe(1)
  await expect(engine.run(task)).rejects.toBe(lost)
  expect(opened).toBe(1)
  expect(used).toEqual(['gpu', 'gpu'])
})
