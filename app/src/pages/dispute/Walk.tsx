import { words } from '../../format/hex.ts'
import { whole } from '../../format/number.ts'
import { Transaction } from '../../ui/onChain.tsx'
import { Ago } from '../../ui/values.tsx'
import type { DisputeData } from './query.ts'

const NAMES = {
  CHECKPOINT: 'Checkpoint',
  STEP: 'Step',
  OPERATOR: 'Operator',
  ELEMENT: 'Element',
  SEGMENT: 'Segment',
} as const
const WIDTH = 1000

type Level = DisputeData['walk'][number]

/**
 * The walk as five bars, each the whole of what the level above came down to; the marked part of a bar widens into the
 * next one. Levels that are not reached are empty. Everything is also said in words.
 */
export function Walk({ dispute }: { dispute: DisputeData }) {
  const { walk, status } = dispute
  const drawn = (level: Level): Level => withinInterval(level, dispute)
  const reached = walk.filter(({ index }) => index !== null).length
  return (
    <ol className="walk">
      {walk.map((level, i) => (
        <li key={level.level} className={level.index === null ? 'open' : 'reached'}>
          <p className="level">
            <strong>{NAMES[level.level]}</strong> <span className="number">{placeOf(level)}</span>
            {level.label === null ? null : <code>{level.label}</code>}
            <span className="move">
              {level.move === null ? (
                whatIsMissing(level, i === reached && status === 'LIVE')
              ) : (
                <>
                  {words(level.move.name)} <Ago at={level.move.timestamp} />{' '}
                  <Transaction id={level.move.transaction} />
                </>
              )}
            </span>
          </p>
          <Bar level={drawn(level)} />
          {i + 1 < walk.length ? (
            <Funnel level={drawn(level)} isOpen={walk[i + 1].index !== null} />
          ) : null}
        </li>
      ))}
    </ol>
  )
}

/** A step is told over the whole job, but lies among those of its interval: that is what is drawn. */
function withinInterval(level: Level, { interval, claim: { computation } }: DisputeData): Level {
  if (level.level !== 'STEP' || interval === null) return level
  const before = BigInt(interval) * BigInt(computation.interval)
  const left = BigInt(computation.steps) - before
  const length = left < BigInt(computation.interval) ? left : BigInt(computation.interval)
  const index = level.index === null ? null : String(BigInt(level.index) - before)
  return { ...level, index, of: String(length) }
}

function placeOf({ index, of }: Level): string {
  if (index === null) return of === null ? 'not reached' : `not reached, among ${whole(of)}`
  return of === null ? whole(index) : `${whole(index)} of ${whole(of)}`
}

const whatIsMissing = ({ index }: Level, isNext: boolean): string =>
  index !== null ? '' : isNext ? 'is walked to now' : ''

/** Where the marked part of a bar lies, from 0 to WIDTH; at least a hair wide. */
function part({ index, of }: Level): [from: number, to: number] {
  const count = Number(of ?? 1)
  if (index === null || !(count > 0)) return [0, WIDTH]
  const width = Math.max(6, WIDTH / count)
  const from = Math.min(WIDTH - width, Math.max(0, (Number(index) / count) * WIDTH))
  return [from, from + width]
}

function Bar({ level }: { level: Level }) {
  const [from, to] = part(level)
  return (
    <svg
      className="walk-bar"
      viewBox={`0 0 ${WIDTH} 14`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect className="whole" width={WIDTH} height={14} />
      {level.index === null ? null : (
        <rect className="part" x={from} width={to - from} height={14} />
      )}
    </svg>
  )
}

/** From the marked part of a bar to the whole of the one below. */
function Funnel({ level, isOpen }: { level: Level; isOpen: boolean }) {
  const [from, to] = part(level)
  return (
    <svg
      className="walk-funnel"
      viewBox={`0 0 ${WIDTH} 24`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {level.index !== null && isOpen ? (
        <polygon points={`${from},0 ${to},0 ${WIDTH},24 0,24`} />
      ) : null}
    </svg>
  )
}
