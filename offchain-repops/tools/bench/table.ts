import { reached, type Row } from './part.ts'

/** Rows as a table in Markdown; goals are of full sizes, so that a quick run does not show them. */
export function table(
  rows: readonly Row[],
  { quick }: { readonly quick: boolean } = { quick: false },
): string {
  const cells = rows.map((row) => [
    row.name,
    figure(row.value),
    row.unit,
    row.peer ?? '',
    row.peerValue === undefined ? '' : figure(row.peerValue),
    row.ratio === undefined ? '' : row.ratio.toFixed(2),
    quick ? '' : goal(row),
  ])
  const all = [['', 'value', 'unit', 'peer', 'its value', 'ratio', 'goal'], ...cells]
  const used = all[0]
    .map((_, column) => column)
    .filter((column) => column === 0 || cells.some((row) => row[column] !== ''))
  const numeric = new Set([1, 4, 5, 6])
  const widths = all[0].map((_, column) => Math.max(3, ...all.map((row) => row[column].length)))
  const format = (row: readonly string[]): string =>
    `| ${used.map((column) => (numeric.has(column) ? row[column].padStart(widths[column]) : row[column].padEnd(widths[column]))).join(' | ')} |`
  const rule = `|${used.map((column) => (numeric.has(column) ? `${'-'.repeat(widths[column] + 1)}:` : '-'.repeat(widths[column] + 2))).join('|')}|`
  return [format(all[0]), rule, ...cells.map(format)].join('\n')
}

/** A row in one line of text. */
export function line({ name, value, unit, peer, peerValue, ratio }: Row): string {
  const own = `${name.trim()}: ${figure(value)} ${unit}`.trimEnd()
  if (peer === undefined || peerValue === undefined || ratio === undefined) return own
  return `${own} (${peer} ${figure(peerValue)}, ratio ${ratio.toFixed(2)})`
}

/** Three significant digits, thousands apart. */
function figure(value: number): string {
  const size = Math.floor(Math.log10(Math.abs(value) || 1))
  if (size < -4) return value.toExponential(1)
  const digits = Math.max(0, 2 - size)
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

function goal(row: Row): string {
  if (row.goal === undefined) return ''
  const bound = 'least' in row.goal ? `≥ ${row.goal.least}` : `≤ ${row.goal.most}`
  return `${bound} ${reached(row) ? 'yes' : 'NO'}`
}
