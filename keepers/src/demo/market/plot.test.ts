import { expect, test } from 'vitest'
import { plotSvg, plotText } from './plot.ts'

const lines = [
  {
    name: 'rising',
    points: [
      { time: 100, price: 0.5 },
      { time: 150, price: 1 },
      { time: 200, price: 1 },
    ],
  },
  {
    name: 'falling <b>',
    points: [
      { time: 100, price: 0.5 },
      { time: 150, price: 0 },
    ],
  },
]

test('text has a column for a stretch of time and the highest price first', () => {
  expect(plotText(lines, 5, 4)).toEqual([
    ' 1.00 │  111',
    '      │',
    '      │22',
    ' 0.25 │',
    '      │  222',
    '      └─────',
    '       1 rising   2 falling <b>',
  ])
})

test('a picture has one path a line, marks in their place and no markup of names', () => {
  const svg = plotSvg(
    lines,
    [
      { time: 150, what: 'a & b' },
      { time: 300, what: 'later' },
    ],
    'prices',
  )
  expect(svg.match(/<path d="([^"]+)"/g)).toEqual([
    '<path d="M60.0 205.0H470.0V30.0H880.0V30.0H880.0"',
    '<path d="M60.0 205.0H470.0V380.0H880.0"',
  ])
  expect(svg).toContain('falling &lt;b&gt;')
  expect(svg).toContain('>a &amp; b<')
  expect(svg).not.toContain('later')
})
