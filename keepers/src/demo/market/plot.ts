/** A price that holds from a time until the next one. */
export interface PricePoint {
  /** Unix seconds. */
  readonly time: number
  /** $AI a share. */
  readonly price: number
}

export interface PriceLine {
  readonly name: string
  /** In the order of time. */
  readonly points: readonly PricePoint[]
}

/** Something that happened, to be marked in a plot. */
export interface Mark {
  readonly time: number
  readonly what: string
}

const SIGNS = ['1', '2', '3', '4', '5', '6', '7', '8', '9']

/** Lines of text in which each column is a stretch of time and each row a price, the highest first. */
export function plotText(
  lines: readonly PriceLine[],
  marks: readonly Mark[],
  columns = 72,
  rows = 12,
): string[] {
  const [from, to] = span(lines, marks)
  const grid = Array.from({ length: rows + 1 }, () => Array.from({ length: columns }, () => ' '))
  for (const [index, { points }] of lines.entries()) {
    for (let column = 0; column < columns; column++) {
      const price = priceAt(points, from + ((to - from) * column) / (columns - 1))
      if (price !== undefined) grid[rows - Math.round(price * rows)][column] = SIGNS[index] ?? '*'
    }
  }
  const text = grid.map((row, index) => {
    const label = index % 3 === 0 ? ((rows - index) / rows).toFixed(2) : ''
    return `${label.padStart(5)} │${row.join('').trimEnd()}`
  })
  const legend = lines.map(({ name }, index) => `${SIGNS[index] ?? '*'} ${name}`).join('   ')
  return [...text, `      └${'─'.repeat(columns)}`, `       ${legend}`]
}

const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#17becf']
const [WIDTH, HEIGHT] = [900, 420]
const BOX = { left: 60, right: 20, top: 30, bottom: 40 }

/** The same as a picture, with a grid, a legend and marks. */
export function plotSvg(
  lines: readonly PriceLine[],
  marks: readonly Mark[],
  title: string,
): string {
  const [from, to] = span(lines, marks)
  const x = (time: number): string =>
    (BOX.left + ((WIDTH - BOX.left - BOX.right) * (time - from)) / (to - from)).toFixed(1)
  const y = (price: number): string =>
    (BOX.top + (HEIGHT - BOX.top - BOX.bottom) * (1 - price)).toFixed(1)
  const parts = [0, 0.25, 0.5, 0.75, 1].flatMap((price) => [
    `<line x1="${BOX.left}" x2="${WIDTH - BOX.right}" y1="${y(price)}" y2="${y(price)}" stroke="#ddd"/>`,
    `<text x="${BOX.left - 8}" y="${y(price)}" text-anchor="end" dominant-baseline="middle">${price.toFixed(2)}</text>`,
  ])
  for (const [index, { time, what }] of marks.entries()) {
    const height = BOX.top + 12 + 14 * (index % 4)
    parts.push(
      `<line x1="${x(time)}" x2="${x(time)}" y1="${BOX.top}" y2="${HEIGHT - BOX.bottom}" stroke="#999" stroke-dasharray="3 3"/>`,
      `<text x="${x(time)}" y="${height}" dx="4" fill="#666" font-size="11">${escape(what)}</text>`,
    )
  }
  for (const [index, { name, points }] of lines.entries()) {
    const colour = COLOURS[index % COLOURS.length]
    const steps = points.map(({ time, price }, at) =>
      at === 0 ? `M${x(time)} ${y(price)}` : `H${x(time)}V${y(price)}`,
    )
    parts.push(
      `<path d="${steps.join('')}H${x(to)}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${BOX.left + 150 * index}" y="${HEIGHT - 12}" fill="${colour}">${escape(name)}</text>`,
    )
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${BOX.left}" y="18" font-size="14">${escape(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n')
}

/** First and last time of all; never the same. */
function span(lines: readonly PriceLine[], marks: readonly Mark[]): [from: number, to: number] {
  const times = [...lines.flatMap(({ points }) => points), ...marks].map(({ time }) => time)
  const from = Math.min(...times)
  return [from, Math.max(from + 1, ...times)]
}

function priceAt(points: readonly PricePoint[], time: number): number | undefined {
  return points.findLast((point) => point.time <= time)?.price
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
