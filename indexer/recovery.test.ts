import { afterAll, expect, test } from 'vitest'
import { undergo } from './testing/ordeal.ts'
import { Bench } from './testing/run.ts'

const bench = new Bench()
afterAll(() => {
  bench.remove()
})

test('reorganisations, errors of the node and a kill leave the rows of a clean run', async () => {
  const { troubled, clean, events, reorganised } = await undergo(bench, {
    seed: 20,
    blocks: 34,
    rounds: 4,
    troubles: ['http500', 'rateLimit', 'cut', 'behind'],
    restarts: ['SIGKILL'],
  })
  expect(reorganised).toBeGreaterThan(0)
  expect(clean.get('event')).toHaveLength(events)
  expect([...troubled.keys()]).toEqual([...clean.keys()])
  for (const [table, rows] of clean) expect(troubled.get(table), table).toEqual(rows)
  // A table that nothing fills would be compared with nothing.
  const empty = [...clean].filter(([, rows]) => rows.length === 0).map(([table]) => table)
  expect(empty).toEqual([])
}, 600_000)
