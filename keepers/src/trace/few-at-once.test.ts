import { type Backend, type Executable, type Plan, reference } from '@lockstep/repops'
import { expect, test } from 'vitest'
import { fewAtOnce, kernelsAtOnce } from './few-at-once.ts'

const context = { step: 0, seed: 0n }

/** A backend whose calls last until they are let go, and what they are. */
function slow() {
  const running: { name: string; end: (error?: Error) => void }[] = []
  const call = (name: string) =>
    new Promise<Uint8Array>((resolve, reject) => {
      running.push({
        name,
        end: (error) => {
          if (error === undefined) resolve(new Uint8Array())
          else reject(error)
        },
      })
    })
  const executable = (id: number): Executable => ({
    run: (from) => call(`${id} run ${from}`),
    roots: () => call(`${id} roots`),
    read: () => Promise.resolve(new Int32Array()),
    write: () => Promise.resolve(),
    close: () => Promise.resolve(),
  })
  let compiled = 0
  const backend: Backend = {
    name: 'slow',
    fuses: true,
    needs: () => [],
    close: () => Promise.resolve(),
    compile: () => Promise.resolve(executable(compiled++)),
  }
  return { backend, running }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

test('so many compute at a time, of all executables together, and in the order in which they came', async () => {
  const { backend, running } = slow()
  const limited = fewAtOnce(backend, 2)
  const [a, b] = [await limited.compile({} as Plan), await limited.compile({} as Plan)]
  const all = [a.run(0, 1, context), b.run(0, 1, context), a.roots([0]), b.run(7, 8, context)]
  await settle()
  expect(running.map(({ name }) => name)).toEqual(['0 run 0', '1 run 0'])
  // What copies does not wait.
  expect(await a.read(0)).toEqual(new Int32Array())
  running[1].end(new Error('it failed'))
  await expect(all[1]).rejects.toThrow('it failed')
  await settle()
  expect(running.map(({ name }) => name)).toEqual(['0 run 0', '1 run 0', '0 roots'])
  running[0].end()
  running[2].end()
  await settle()
  running[3].end()
  await Promise.all([all[0], all[2], all[3]])
  expect(running[3].name).toBe('1 run 7')
})

test('a run on what computes in this thread leaves others their turns', async () => {
  const program = { nodes: [], states: [], constants: [] }
  const plan: Plan = { program, slots: [], arenaWords: 0, tasks: [] }
  const turnsOf = async (backend: Backend): Promise<number> => {
    const executable = await backend.compile(plan)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    for (const end = performance.now() + 50; performance.now() < end; )
      await executable.run(0, 0, context)
    clearInterval(timer)
    return turns
  }
  expect(await turnsOf(reference)).toBe(0)
  expect(await turnsOf(fewAtOnce(reference, 1))).toBeGreaterThan(5)
})

test.each([
  [undefined, 2],
  ['4', 2],
  ['16', 14],
  ['3', 1],
  ['2', 1],
  ['1', 1],
])('of %s threads as many are left as can be', (threads, most) => {
  expect(kernelsAtOnce(threads)).toBe(most)
})

test.each(['auto', '', ' ', '0', '-4', '2.5', '1025', 'Infinity'])(
  '%j threads are refused',
  (threads) => {
    expect(() => kernelsAtOnce(threads)).toThrow(
      `${JSON.stringify(threads)} is not a number of threads (UV_THREADPOOL_SIZE): set it to`,
    )
  },
)

test('it is the same backend otherwise', () => {
  expect(fewAtOnce(reference, 1)).toMatchObject({ name: 'reference', fuses: false })
})
