import { useQuery } from '@tanstack/react-query'
import { useConfig } from '../config/useConfig.ts'
import { type JobOnChain, useJobOnChain } from '../data/useJobOnChain.ts'
import { asLink, visible } from '../format/hex.ts'
import { LineChart } from '../ui/LineChart.tsx'
import { Notice, Skeleton } from '../ui/Page.tsx'
import { Hex } from '../ui/values.tsx'

const HEIGHT = 260
// The chart with its caption and what is said below it: reserved before anything is known.
const ROOM = HEIGHT + 90

/**
 * The loss of a training job, read from the artifacts and checked against the root that the contracts have. Nothing of
 * it comes from the indexer.
 */
export function LossCurve({
  job,
  uri,
}: {
  job: string
  /** Where the submitter says artifacts are; asked after the configured stores. */
  uri: string
}) {
  const { data, problem } = useJobOnChain(job)
  return (
    <div style={{ minHeight: ROOM }}>
      {data !== undefined && data.claim.status !== 'none' ? (
        <Curve of={data} uri={uri} />
      ) : data !== undefined ? (
        <p className="faint">The chain knows no claim of this job.</p>
      ) : problem === undefined ? (
        <Skeleton height={ROOM} />
      ) : (
        <Notice>
          <p>
            The chain does not say what was claimed, so nothing can be checked:{' '}
            <span className="foreign">{visible(problem)}</span>.
          </p>
        </Notice>
      )}
    </div>
  )
}

function Curve({ of: { computation, claim }, uri }: { of: JobOnChain; uri: string }) {
  const { artifacts } = useConfig()
  const { finalStateRoot } = claim
  const bases = [...artifacts, ...(asLink(uri) === undefined ? [] : [uri])]
  const query = useQuery({
    queryKey: ['artifacts', 'loss', computation.nodesRoot, finalStateRoot, bases],
    queryFn: async ({ signal }) => {
      // The commitments are needed on this page only.
      const { readLoss } = await import('../artifacts/readLoss.ts')
      return (await readLoss({ computation, finalStateRoot }, bases, signal)) ?? null
    },
    // What a root names never changes.
    staleTime: Infinity,
    refetchInterval: ({ state }) => (state.status === 'error' ? 15_000 : false),
  })
  if (query.data === undefined) {
    if (query.error === null) return <Skeleton height={ROOM} />
    return (
      <Notice>
        <p>
          The curve cannot be drawn now, nor checked:{' '}
          <span className="foreign">{visible(query.error.message)}</span>.
        </p>
      </Notice>
    )
  }
  if (query.data === null) return <p className="faint">This program keeps no history of a loss.</p>
  const { values, tensorRoot, place } = query.data
  return (
    <>
      <LineChart
        title="Loss after each step, in nats per token"
        height={HEIGHT}
        x={{ name: 'Step', text: String }}
        y={{ name: 'Loss', text: (value) => value.toPrecision(4) }}
        series={[
          { name: 'loss', points: Array.from(values, (value, i) => [i + 1, value] as const) },
        ]}
      />
      {claim.status === 'void' ? (
        <p className="checked void">
          <span aria-hidden="true">✗</span> Void: this is what was claimed, but a dispute voided the
          claim, and nothing is paid for it. Final state <Hex of={finalStateRoot} />.
        </p>
      ) : (
        <p className="checked">
          <span aria-hidden="true">✓</span> Checked against the claim’s root: every byte hashes to
          tensor <Hex of={tensorRoot} />, entry {place} of the final state{' '}
          <Hex of={finalStateRoot} />
          {claim.status === 'pending' ? '. The claim itself can still be disputed.' : '.'}
        </p>
      )}
    </>
  )
}
