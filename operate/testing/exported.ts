import type { Metric, MetricObject } from 'prom-client'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Metrics } from '../../keepers/src/metrics.ts'

/** Labels by the names under which samples are exported. */
export type Exported = ReadonlyMap<string, ReadonlySet<string>>

const PONDER = join(import.meta.dirname, '..', '..', 'node_modules', 'ponder')

// What Prometheus adds to each sample, with the label of operate/prometheus/prometheus.yml.
export const TARGET_LABELS = ['job', 'instance', 'role']

/** The samples of every role. */
export function exportedByRoles(): Exported {
  return samplesOf(new Metrics('test').registry.getMetricsAsArray(), true)
}

/** The samples of the indexer. Some that Ponder declares are never set; they are left out. */
export async function exportedByIndexer(): Promise<Exported> {
  const file = pathToFileURL(join(PONDER, 'dist', 'esm', 'internal', 'metrics.js')).href
  const { MetricsService } = (await import(file)) as {
    MetricsService: new () => { registry: Pick<Metrics['registry'], 'getMetricsAsArray'> }
  }
  const used = usedByPonder(join(PONDER, 'src'))
  const declared = new MetricsService().registry.getMetricsAsArray()
  return samplesOf(
    declared.filter(({ name }) => !name.startsWith('ponder_') || used.has(name)),
    false,
  )
}

/** Names of the metrics that Ponder's sources mention anywhere but where they are declared. */
function usedByPonder(folder: string): ReadonlySet<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const texts = files
    .filter((file) => file.endsWith('.ts') && !file.includes('.test.'))
    .filter((file) => file !== join('internal', 'metrics.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
  return new Set(texts.flatMap((text) => text.match(/\bponder_\w+/g) ?? []))
}

type Declared = MetricObject & Partial<Pick<Metric & { labelNames: string[] }, 'labelNames'>>

/** `isOpenMetrics`: counters are declared without the ending that their samples have. */
function samplesOf(metrics: readonly object[], isOpenMetrics: boolean): Exported {
  const samples = new Map<string, ReadonlySet<string>>()
  for (const metric of metrics) {
    const { name, labelNames = [] } = metric as Declared
    const labels = [...labelNames, ...TARGET_LABELS]
    const add = (ending: string, ...more: string[]) =>
      samples.set(name + ending, new Set([...labels, ...more]))
    switch (metric.constructor.name) {
      case 'Counter':
        add(isOpenMetrics && !name.endsWith('_total') ? '_total' : '')
        break
      case 'Histogram':
        add('_bucket', 'le')
        add('_sum')
        add('_count')
        break
      case 'Summary':
        add('', 'quantile')
        add('_sum')
        add('_count')
        break
      default:
        add('')
    }
  }
  samples.set('up', new Set(TARGET_LABELS))
  return samples
}
