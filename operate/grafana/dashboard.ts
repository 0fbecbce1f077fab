import { type Panel, type Row, rows } from './panels.ts'

// The grid of a dashboard has 24 columns.
const COLUMNS = 24
const WIDTH = 6
const HEIGHT = 7
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' }

/**
 * The dashboard as Grafana imports it (schema 41, Grafana 12; later ones migrate it). The overview is open, the rows of
 * the roles are folded, so that only what is looked at is asked for.
 */
export function dashboard(): object {
  let id = 0
  let y = 0
  const panels: object[] = []
  rows.forEach((row, number) => {
    const inside = row.panels.map((panel, i) => ({
      id: ++id,
      gridPos: {
        x: (i * WIDTH) % COLUMNS,
        y: y + 1 + HEIGHT * Math.floor((i * WIDTH) / COLUMNS),
        w: WIDTH,
        h: HEIGHT,
      },
      ...toGrafana(panel, row),
    }))
    const isOpen = number === 0
    const head = { id: ++id, type: 'row', title: row.title, collapsed: !isOpen }
    panels.push({ ...head, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: isOpen ? [] : inside })
    if (isOpen) panels.push(...inside)
    y += 1 + (isOpen ? HEIGHT * Math.ceil((row.panels.length * WIDTH) / COLUMNS) : 0)
  })
  return {
    uid: 'lockstep',
    title: 'Lockstep',
    description: 'Roles and indexer of one operator. Runbooks: docs/operate/index.md.',
    tags: ['lockstep'],
    schemaVersion: 41,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        {
          name: 'instance',
          label: 'Instance',
          type: 'query',
          datasource: DATASOURCE,
          query: { qryType: 1, query: 'label_values(up{job=~"lockstep.*"}, instance)' },
          includeAll: true,
          multi: true,
          refresh: 2,
          sort: 1,
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    panels,
  }
}

function toGrafana(panel: Panel, row: Row): object {
  const { title, description, unit, queries, limits, kind = 'timeseries' } = panel
  const { colour, thresholds } = colours(limits)
  return {
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    targets: queries.map(({ expr, legend }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: DATASOURCE,
      expr: expr.replaceAll('{}', `{${row.selector}}`),
      legendFormat: legend,
    })),
    fieldConfig: {
      defaults: {
        unit,
        color: { mode: kind === 'stat' ? 'thresholds' : 'palette-classic' },
        thresholds,
        ...(kind === 'timeseries'
          ? { custom: { fillOpacity: 8, thresholdsStyle: { mode: colour ? 'line' : 'off' } } }
          : {}),
      },
      overrides: [],
    },
    options:
      kind === 'stat'
        ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'background', textMode: 'auto' }
        : {
            legend: { displayMode: 'list', placement: 'bottom' },
            tooltip: { mode: 'multi', sort: 'desc' },
          },
  }
}

/** Steps of colour: the first has no lower end. */
function colours(limits: Panel['limits']): { colour: boolean; thresholds: object } {
  const step = (color: string, value: number | null) => ({ color, value })
  const steps =
    limits === undefined
      ? [step('green', null)]
      : limits.below === true
        ? [step('red', null), step('orange', limits.bad), step('green', limits.warn)]
        : [step('green', null), step('orange', limits.warn), step('red', limits.bad)]
  return { colour: limits !== undefined, thresholds: { mode: 'absolute', steps } }
}
