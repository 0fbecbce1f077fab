import { scaleBand, scaleLinear } from 'd3-scale'
import { useId } from 'react'
import { useWidth } from './useWidth.ts'

export interface Bar {
  readonly name: string
  readonly value: number
}

const MARGIN = { top: 8, right: 8, bottom: 24, left: 40 }

/** One bar for each of a few names, with the figures as a table below. */
export function BarChart({
  title,
  bars,
  height = 180,
  text,
}: {
  title: string
  bars: readonly Bar[]
  height?: number
  text: (value: number) => string
}) {
  const [frame, width] = useWidth()
  const titleId = useId()
  const xScale = scaleBand(
    bars.map(({ name }) => name),
    [MARGIN.left, Math.max(MARGIN.left + 1, width - MARGIN.right)],
  ).padding(0.25)
  const most = Math.max(1, ...bars.map(({ value }) => value))
  const yScale = scaleLinear([0, most], [height - MARGIN.bottom, MARGIN.top]).nice(4)
  const every = Math.max(1, Math.ceil((bars.length * 90) / Math.max(1, width)))
  return (
    <figure className="chart">
      <figcaption id={titleId}>{title}</figcaption>
      <div ref={frame} style={{ height }}>
        {width === 0 ? null : (
          <svg role="img" aria-labelledby={titleId} width={width} height={height}>
            <g className="grid">
              {yScale
                .ticks(4)
                .filter(Number.isInteger)
                .map((value) => (
                  <g key={value} transform={`translate(0 ${yScale(value)})`}>
                    <line x1={MARGIN.left} x2={width - MARGIN.right} />
                    <text x={MARGIN.left - 8} dy="0.32em" textAnchor="end">
                      {text(value)}
                    </text>
                  </g>
                ))}
              {bars.map(({ name }, i) =>
                i % every === 0 ? (
                  <text
                    key={name}
                    x={(xScale(name) ?? 0) + xScale.bandwidth() / 2}
                    y={height - 6}
                    textAnchor="middle"
                  >
                    {name}
                  </text>
                ) : null,
              )}
            </g>
            {bars.map(({ name, value }) => (
              <rect
                key={name}
                className="bar"
                x={xScale(name)}
                width={xScale.bandwidth()}
                y={yScale(value)}
                height={yScale(0) - yScale(value)}
              />
            ))}
          </svg>
        )}
      </div>
      <details>
        <summary>As a table</summary>
        <table>
          <tbody>
            {bars.map(({ name, value }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="right">{text(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
