import { scaleLinear, type ScaleLinear, scaleUtc } from 'd3-scale'
import { line } from 'd3-shape'
import { type KeyboardEvent, type PointerEvent, useId, useState } from 'react'
import { useWidth } from './useWidth.ts'

export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Draws steps instead of slopes: values that hold until the next. */
  readonly isStep?: boolean
}

interface XAxis {
  readonly name: string
  readonly text: (value: number) => string
  /** Values are unix seconds: places that are named are whole minutes, hours, days. */
  readonly isTime?: boolean
}

const MARGIN = { top: 12, right: 12, bottom: 28 }

/**
 * Lines over numbers. The pointer, or the arrow keys when it has the focus, read out the values at one place; all
 * points are also a table, folded away below it.
 */
export function LineChart({
  title,
  series,
  height = 260,
  x,
  y,
  yDomain,
}: {
  title: string
  series: readonly Series[]
  height?: number
  /** How values of an axis are written, and what the axis is called. */
  x: XAxis
  y: { name: string; text: (value: number) => string }
  yDomain?: readonly [number, number]
}) {
  const [frame, width] = useWidth()
  const titleId = useId()
  const places = placesOf(series)
  const [place, setPlace] = useState<number | null>(null)
  const here = place === null ? undefined : places.at(Math.min(place, places.length - 1))
  const points = series.flatMap((one) => one.points).filter(([, value]) => Number.isFinite(value))
  const [x0, x1] = extent(points.map(([at]) => at))
  const [y0, y1] = yDomain ?? extent(points.map(([, value]) => value))
  const yScale = scaleLinear([y0, y1], [height - MARGIN.bottom, MARGIN.top])
  if (yDomain === undefined) yScale.nice()
  const ticks = yScale.ticks(5).map((value) => ({ value, text: y.text(value) }))
  const left = 12 + CHARACTER * Math.max(5, ...ticks.map(({ text }) => text.length))
  const xScale = scaleLinear([x0, x1], [left, Math.max(left + 1, width - MARGIN.right)])
  const path = line<readonly [number, number]>()
    .defined(([, value]) => Number.isFinite(value))
    .x(([at]) => xScale(at))
    .y(([, value]) => yScale(value))
  return (
    <figure className="chart">
      <figcaption id={titleId}>
        {title}
        {series.length > 1 ? (
          <span className="legend">
            {series.map(({ name }, i) => (
              <span key={name}>
                <i className={`line-${i % 8}`} aria-hidden="true" />
                {name}
              </span>
            ))}
          </span>
        ) : null}
      </figcaption>
      <div
        ref={frame}
        className="plot"
        style={{ height }}
        role="group"
        aria-label={`${title}: left and right arrows read out values`}
        tabIndex={0}
        onPointerMove={(event: PointerEvent<HTMLElement>) => {
          const at = xScale.invert(event.clientX - event.currentTarget.getBoundingClientRect().left)
          setPlace(nearest(places, at))
        }}
        onPointerLeave={() => {
          setPlace(null)
        }}
        onBlur={() => {
          setPlace(null)
        }}
        onKeyDown={(event: KeyboardEvent) => {
          const next = moved(event.key, place, places.length)
          if (next === undefined) return
          event.preventDefault()
          setPlace(next)
        }}
      >
        {width === 0 ? null : (
          <svg role="img" aria-labelledby={titleId} width={width} height={height}>
            <g className="grid">
              {ticks.map(({ value, text }) => (
                <g key={value} transform={`translate(0 ${yScale(value)})`}>
                  <line x1={left} x2={width - MARGIN.right} />
                  <text x={left - 8} dy="0.32em" textAnchor="end">
                    {text}
                  </text>
                </g>
              ))}
              {ticksOf(x, xScale, Math.max(2, Math.floor(width / 140))).map((value) => (
                <AxisLabel
                  key={value}
                  at={xScale(value)}
                  y={height - 8}
                  width={width}
                  text={x.text(value)}
                />
              ))}
            </g>
            {series.map(({ name, points: own, isStep }, i) => (
              <path
                key={name}
                className={`line-${i % 8}`}
                d={path(isStep === true ? stepped(own) : own) ?? ''}
              />
            ))}
            {series.map(({ name, points: own }, i) =>
              own.length === 1 ? (
                <circle
                  key={name}
                  className={`line-${i % 8}`}
                  cx={xScale(own[0][0])}
                  cy={yScale(own[0][1])}
                  r={3}
                />
              ) : null,
            )}
            {here === undefined ? null : (
              <g className="here">
                <line
                  x1={xScale(here)}
                  x2={xScale(here)}
                  y1={MARGIN.top}
                  y2={height - MARGIN.bottom}
                />
                {series.map((one, i) => {
                  const value = valueAt(one, here)
                  return value === undefined ? null : (
                    <circle
                      key={one.name}
                      className={`line-${i % 8}`}
                      cx={xScale(here)}
                      cy={yScale(value)}
                      r={3.5}
                    />
                  )
                })}
              </g>
            )}
          </svg>
        )}
      </div>
      <output className="read-out" aria-live="polite">
        {here === undefined ? null : (
          <>
            <strong>{x.text(here)}</strong>
            {series.map((one, i) => {
              const value = valueAt(one, here)
              return (
                <span key={one.name}>
                  <i className={`line-${i % 8}`} aria-hidden="true" />
                  {series.length > 1 ? `${one.name} ` : ''}
                  {value === undefined ? '–' : y.text(value)}
                </span>
              )
            })}
          </>
        )}
      </output>
      <PointTable title={title} series={series} x={x} y={y} />
    </figure>
  )
}

/** Places on the x axis that are named, about so many. */
function ticksOf({ isTime }: XAxis, scale: ScaleLinear<number, number>, count: number): number[] {
  if (isTime !== true) return scale.ticks(count).filter(Number.isInteger) // steps
  const times = scaleUtc().domain(scale.domain().map((seconds) => seconds * 1000))
  return times.ticks(count).map((time) => time.getTime() / 1000)
}

/** Below its place; at the edges of the chart it stands inside of them. */
function AxisLabel({ at, y, width, text }: { at: number; y: number; width: number; text: string }) {
  const half = (text.length * CHARACTER) / 2
  const [x, anchor] =
    at + half > width
      ? ([width, 'end'] as const)
      : at < half
        ? ([0, 'start'] as const)
        : ([at, 'middle'] as const)
  return (
    <text x={x} y={y} textAnchor={anchor}>
      {text}
    </text>
  )
}

/** More than the width of a character of a label, in pixels. */
const CHARACTER = 7.5

/** Every x at which a series has a value, in order. */
const placesOf = (series: readonly Series[]): readonly number[] =>
  [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b)

function nearest(places: readonly number[], at: number): number | null {
  let best: number | null = null
  for (const [i, place] of places.entries())
    if (best === null || Math.abs(place - at) < Math.abs(places[best] - at)) best = i
  return best
}

/** Where a key leads; undefined for keys that lead nowhere. */
function moved(key: string, place: number | null, count: number): number | null | undefined {
  const last = count - 1
  if (key === 'Escape') return null
  if (key === 'Home') return 0
  if (key === 'End') return last
  if (key === 'ArrowLeft') return Math.max(0, (place ?? last + 1) - 1)
  if (key === 'ArrowRight') return Math.min(last, (place ?? -1) + 1)
  return undefined
}

function valueAt({ points, isStep }: Series, at: number): number | undefined {
  const found = isStep === true ? points.findLast(([x]) => x <= at) : points.find(([x]) => x === at)
  return found !== undefined && Number.isFinite(found[1]) ? found[1] : undefined
}

/** A value holds until the next one. */
const stepped = (points: readonly (readonly [number, number])[]) =>
  points.flatMap((point, i) => (i === 0 ? [point] : [[point[0], points[i - 1][1]] as const, point]))

function extent(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [0, 1]
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return least === most ? [least - 0.5, most + 0.5] : [least, most]
}

const MOST_ROWS = 200

function PointTable({
  title,
  series,
  x,
  y,
}: Pick<Parameters<typeof LineChart>[0], 'title' | 'series' | 'x' | 'y'>) {
  const all = placesOf(series)
  // Evenly chosen, the first and the last among them.
  const every = Math.max(1, Math.ceil(all.length / MOST_ROWS))
  const shown = all.filter((_, i) => i % every === 0 || i === all.length - 1)
  const values = series.map(({ points }) => new Map(points))
  return (
    <details>
      <summary>As a table{every > 1 ? ` (every ${every}th of ${all.length} points)` : ''}</summary>
      <div className="table" role="region" aria-label={`${title}, as a table`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{x.name}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col" className="right">
                  {series.length === 1 ? y.name : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((at) => (
              <tr key={at}>
                <th scope="row">{x.text(at)}</th>
                {values.map((of, i) => {
                  const value = of.get(at)
                  return (
                    <td key={series[i].name} className="right">
                      {value === undefined ? '–' : y.text(value)}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
