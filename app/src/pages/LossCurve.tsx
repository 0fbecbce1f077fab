import { useQuery } from '@tanstack/react-query'
import { useConfig } from '../config/useConfig.ts'
import { asLink, visible } from '../format/hex.ts'
import { LineChart } from '../ui/LineChart.tsx'
import { Notice, Skeleton } from '../ui/Page.tsx'
import { Hex } from '../ui/values.tsx'

const HEIGHT = 260
// The chart with its caption and what is said below it: reserved before anything is known.
const ROOM = HEIGHT + 90

/**
 * The loss of a training job, read from the artifacts and checked against the root of the claim. Nothing of it comes
 * from the indexer but the roots.
 */
export function LossCurve({
  program,
  finalStateRoot,
  uri,
}: {
  program: string
  finalStateRoot: string
  /** Where the submitter says artifacts are; asked after the configured stores. */
  uri: string
}) {
  const { artifacts } = useConfig()
  const link = asLink(uri)
  const bases = link === undefined ? artifacts : [...artifacts, link.replace(/\/+$/, '')]
  const query = useQuery({
    queryKey: ['artifacts', 'loss', program, finalStateRoot, bases],
    queryFn: async ({ signal }) => {
      // The commitments are needed on this page only.
      const { readLoss } = await import('../artifacts/readLoss.ts')
      return (await readLoss({ program, finalStateRoot }, bases, signal)) ?? null
    },
    // What a root names never changes.
    staleTime: Infinity,
    refetchInterval: ({ state }) => (state.status === 'error' ? 15_000 : false),
  })
  return (
    <div style={{ minHeight: ROOM }}>
      {query.data === undefined ? (
        query.error === null ? (
          <Skeleton height={ROOM} />
        ) : (
          <Notice>
            <p>
              The curve cannot be drawn now, nor checked:{' '}
              <span className="foreign">{visible(query.error.message)}</span>.
            </p>
          </Notice>
        )
      ) : query.data === null ? (
        <p className="faint">This program keeps no history of a loss.</p>
      ) : (
        <>
          <LineChart
            title="Loss after each step, in nats per token"
            height={HEIGHT}
            x={{ name: 'Step', text: String }}
            y={{ name: 'Loss', text: (value) => value.toPrecision(4) }}
            series={[
              {
                name: 'loss',
                points: Array.from(query.data.values, (value, i) => [i + 1, value] as const),
              },
            ]}
          />
          <p className="checked">
            <span aria-hidden="true">✓</span> Checked against the claim’s root: every byte hashes to
            tensor <Hex of={query.data.tensorRoot} />, entry {query.data.place} of the final state{' '}
            <Hex of={finalStateRoot} />.
          </p>
        </>
      )}
    </div>
  )
}
