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
  expect(plotText(lines, [], 5, 4)).toEqual([
    ' 1.00 │  111',
    '      │',
    '      │22',
    ' 0.25 │',
    '      │  222',
    '      └─────',
    '       1 rising   2 falling <b>',
  ])
})

test('marks are in the time that is shown', () => {
  expect(plotText(lines, [{ time: 300, what: 'settled' }], 5, 4).slice(0, 5)).toEqual([
    ' 1.00 │ 1111',
    '      │',
    '      │2',
    ' 0.25 │',
    '      │ 2222',
  ])
})

test('a picture has one path a line, marks in their place and no markup of names', () => {
  const marks = [
    { time: 150, what: 'a & b' },
    { time: 300, what: 'settled' },
  ]
  const svg = plotSvg(lines, marks, 'prices')
  expect(svg.match(/<path d="([^"]+)"/g)).toEqual([
    '<path d="M60.0 205.0H265.0V30.0H470.0V30.0H880.0"',
    '<path d="M60.0 205.0H265.0V380.0H880.0"',
  ])
  expect(svg).toContain('falling &lt;b&gt;')
  expect(svg).toContain('<text x="265.0" y="42" dx="4" fill="#666" font-size="11">a &amp; b</text>')
  expect(svg).toContain('<line x1="880.0" x2="880.0"')
})
