import { expect, test } from 'vitest'
import { against, reached, type Row } from './part.ts'
import { table } from './table.ts'

const rows: Row[] = [
  against(
    { name: 'product', value: 250.25, unit: 'GFLOP/s', goal: { least: 1 } },
    'more',
    'OpenBLAS',
    200,
  ),
  { name: 'share', value: 17, unit: '%', goal: { most: 15 } },
  { name: 'words', value: 12345.6, unit: 'ns' },
]

test('a ratio above 1 is better, whatever the unit', () => {
  const row = { name: '', value: 2, unit: '' }
  expect(against(row, 'more', 'peer', 4).ratio).toBe(0.5)
  expect(against(row, 'less', 'peer', 4).ratio).toBe(2)
})

test('goals are of the ratio where there is one', () => {
  expect(rows.map(reached)).toEqual([true, false, undefined])
  expect(reached({ ...rows[0], ratio: 0.99 })).toBe(false)
})

test('tables are Markdown with the columns that have something in them', () => {
  expect(table(rows)).toBe(
    [
      '|         |  value | unit    | peer     | its value | ratio |    goal |',
      '|---------|-------:|---------|----------|----------:|------:|--------:|',
      '| product |    250 | GFLOP/s | OpenBLAS |       200 |  1.25 | ≥ 1 yes |',
      '| share   |   17.0 | %       |          |           |       | ≤ 15 NO |',
      '| words   | 12,346 | ns      |          |           |       |         |',
    ].join('\n'),
  )
  expect(table(rows.slice(1), { quick: true }).split('\n')[0]).toBe('|       |  value | unit |')
})
