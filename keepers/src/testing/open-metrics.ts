import type { Metric } from 'prom-client'

/** One line of an OpenMetrics page: a sample of a metric. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = `([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\n]|\\\\["\\\\n])*)"`
const DESCRIPTION = new RegExp(`^# (HELP|TYPE|UNIT) (${NAME}) (.+)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (\\S+)(?: \\S+)?$`)
const TYPES = ['counter', 'gauge', 'histogram', 'summary', 'info', 'stateset', 'unknown']
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  summary: ['', '_count', '_sum', '_created'],
  info: ['_info'],
}

/**
 * Reads a page of metrics as https://prometheus.io/docs/specs/om/open_metrics_spec says it must be. Throws on a line
 * that is none, a sample of a metric without a type or of another one's name, a counter below zero, a second sample
 * of the same labels, and a missing end.
 */
export function parseOpenMetrics(page: string): Sample[] {
  const lines = page.split('\n')
  if (lines.pop() !== '' || lines.pop() !== '# EOF') throw new Error('it does not end with # EOF')
  const types = new Map<string, string>()
  const samples: Sample[] = []
  const seen = new Set<string>()
  for (const line of lines) {
    const description = DESCRIPTION.exec(line)
    if (description !== null) {
      const [, kind, metric, rest] = description
      if (kind !== 'TYPE') continue
      if (!TYPES.includes(rest) || types.has(metric)) throw new Error(`a bad type: ${line}`)
      types.set(metric, rest)
      continue
    }
    const sample = SAMPLE.exec(line)
    if (sample === null) throw new Error(`no line of OpenMetrics: ${line}`)
    const [, name, labelText = ''] = sample
    const text = sample.at(-1)!
    // Words are in any case (RFC 5234): prom-client writes Nan.
    const word = /^([+-]?)inf(inity)?$/i.exec(text)
    const value = word === null ? Number(text) : Number(`${word[1]}Infinity`)
    const metric = [...types].find(([known, type]) =>
      (SUFFIXES[type] ?? ['']).some((suffix) => name === known + suffix),
    )
    if (metric === undefined) throw new Error(`a sample of no metric: ${line}`)
    const isNumber = !Number.isNaN(value) || /^nan$/i.test(text)
    if (!isNumber || (metric[1] === 'counter' && !(value >= 0))) {
      throw new Error(`a bad value: ${line}`)
    }
    const pairs = [...labelText.matchAll(new RegExp(LABEL, 'g'))].map((match) => [
      match[1],
      match[2],
    ])
    const key = `${name} ${JSON.stringify([...pairs].sort())}`
    if (seen.has(key)) throw new Error(`twice: ${line}`)
    seen.add(key)
    samples.push({ name, labels: Object.fromEntries(pairs) as Record<string, string>, value })
  }
  return samples
}

/** The labels and values of one metric, as its process holds them. */
export async function valuesOf(metric: Metric): Promise<Record<string, unknown>[]> {
  const { values } = await metric.get()
  return values.map(({ labels, value }) => ({ ...labels, value }))
}
