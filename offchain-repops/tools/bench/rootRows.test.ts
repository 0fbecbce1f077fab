import { expect, test } from 'vitest'
import type { Backend } from '../../src/backends/backend.ts'
import { reference } from '../../src/backends/reference/index.ts'
import { Graph } from '../../src/build/Graph.ts'
import type { Job } from '../../src/execute/Job.ts'
import { Tensor } from '../../src/tensor.ts'
import { rootRows, type Contender } from './rootRows.ts'

/** Counts to 4, a checkpoint every 2 steps. */
function counting(): Job {
  const graph = new Graph()
  const count = graph.state('count', 'i32', [3])
  graph.setNext(count, count.add(1))
  return {
    program: graph.program(),
    constants: [],
    initialState: [Tensor.zeros('i32', 3)],
    seed: 1n,
    steps: 4,
    interval: 2,
  }
}

/** Right until the state has been hashed `honest` times. */
function lying(honest: number): Backend {
  let hashed = 0
  return {
    ...reference,
    compile: async (plan) => {
      const honestly = await reference.compile(plan)
      return {
        run: (from, to, context) => honestly.run(from, to, context),
        read: (slot) => honestly.read(slot),
        write: (slot, words) => honestly.write(slot, words),
        roots: async (slots) => {
          const roots = await honestly.roots(slots)
          return hashed++ < honest ? roots : roots.map((byte) => byte ^ 1)
        },
        close: () => honestly.close(),
      }
    },
  }
}

const contender = (name: string, backend: Backend): Contender => ({
  name,
  open: () => Promise.resolve({ backend }),
})

const missing: Contender = { name: 'missing', open: () => Promise.reject(new Error('no device')) }

async function names(contenders: readonly Contender[], absent: string[] = []): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of rootRows(counting(), contenders, (gone) => absent.push(gone)))
    found.push(name)
  return found
}

test('every checkpoint of every backend has a row, absent backends are told', async () => {
  const absent: string[] = []
  const rows = await names([contender('a', reference), missing, contender('b', reference)], absent)
  expect(rows.map((row) => row.replace(/0x[0-9a-f]{64}$/, 'root'))).toEqual(
    ['a', 'b'].flatMap((name) => [0, 2, 4].map((step) => `${name}, step ${step}: root`)),
  )
  expect(absent).toEqual(['missing'])
})

test('a root that differs fails, and says where', async () => {
  await expect(names([contender('a', reference), contender('b', lying(1))])).rejects.toThrow(
    /^b has 0x\w+ at step 2, a has 0x\w+; b has 0x\w+ at step 4/,
  )
})

test('one backend alone compares nothing', async () => {
  await expect(names([missing, contender('a', reference)])).rejects.toThrow('1 backends ran')
})
