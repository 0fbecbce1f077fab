import { useQuery } from '@tanstack/react-query'
import { useConfig } from '../../config/useConfig.ts'
import { visible } from '../../format/hex.ts'
import { graphql } from '../../data/graphql.ts'
import { useAnswer } from '../../data/useAnswer.ts'
import { useJobOnChain } from '../../data/useJobOnChain.ts'
import { Facts } from '../../ui/Facts.tsx'
import { JobLink, OperatorLink } from '../../ui/links.tsx'
import { Answered, Notice, Skeleton } from '../../ui/Page.tsx'
import { Count, Hex, None, Status } from '../../ui/values.tsx'
import { JobCheck } from '../JobCheck.tsx'
import type { Origin, Stores } from './origin.ts'

const OriginQuery = graphql(`
  query Origin($job: ID!) {
    job(id: $job) {
      id
      status
      reward
      stake
      computation {
        id
        states
        steps
        seed
      }
      operator {
        id
      }
      claim {
        id
        status
        finalStateRoot
      }
    }
  }
`)

/** Where a model comes from: the job and state that its owner named, checked as far as bytes can be had. */
export function Provenance({
  root,
  model,
  uris,
}: {
  root: string | null
  model: string
  /** Of the contests that it was entered in. */
  uris: readonly string[]
}) {
  const { artifacts, chainId, contracts } = useConfig()
  const stores: Stores = [...artifacts, ...uris]
  const query = useQuery({
    queryKey: ['origin', root, stores],
    queryFn: async ({ signal }) => {
      const { fetchOrigin } = await import('./origin.ts')
      return fetchOrigin(root as string, stores, signal)
    },
    enabled: root !== null,
    refetchInterval: ({ state }) => (state.status === 'error' ? 10_000 : false),
  })
  if (root === null)
    return <p className="faint">Not told: its owner did not say where it comes from.</p>
  if (query.data === undefined) {
    if (query.error === null) return <Skeleton height={160} />
    return (
      <Notice tone="bad">
        <p>
          Told, but not to be had: the list <Hex of={root} /> is in no store that this page may ask.
        </p>
        <p className="foreign faint">{visible(query.error.message)}</p>
      </Notice>
    )
  }
  const origin = query.data
  if (origin.chainId !== BigInt(chainId) || origin.registry !== contracts.jobRegistry) {
    return (
      <Notice>
        <p>
          It says that it is state {origin.state} of job {String(origin.job)} of the registry{' '}
          <Hex of={origin.registry} /> on chain {String(origin.chainId)}: another network than this
          page shows, so nothing of it is checked here.
        </p>
      </Notice>
    )
  }
  return <Told origin={origin} model={model} stores={stores} />
}

function Told({ origin, model, stores }: { origin: Origin; model: string; stores: Stores }) {
  const answer = useAnswer(OriginQuery, { job: String(origin.job) })
  return (
    <Answered answer={answer} height={160}>
      {({ job }) =>
        job === null ? (
          <Notice tone="bad">
            <p>
              It says that it is state {origin.state} of job {String(origin.job)}, but there is no
              such job.
            </p>
          </Notice>
        ) : (
          <>
            <Facts
              of={[
                ['Says that it is', <>state {origin.state} of the result</>],
                ['Of', <JobLink id={job.id} />],
                ['That job is', <Status of={job.status} />],
                ['Its claim is', job.claim === null ? <None /> : <Status of={job.claim.status} />],
                [
                  'Computed by',
                  job.operator === null ? <None /> : <OperatorLink id={job.operator.id} />,
                ],
                ['Steps', <Count of={job.computation.steps} />],
                [
                  'Final state',
                  job.claim === null ? <None /> : <Hex of={job.claim.finalStateRoot} />,
                ],
              ]}
            />
            <JobCheck job={job} />
            <Check origin={origin} model={model} stores={stores} />
          </>
        )
      }
    </Answered>
  )
}

/** Whether the state that is named is the model: by the list of states under the root that the chain has. */
function Check({
  origin: { job, state },
  model,
  stores,
}: {
  origin: Origin
  model: string
  stores: Stores
}) {
  const { data: onChain, problem } = useJobOnChain(String(job))
  const finalState =
    onChain?.status === 'settled' && onChain.claim.status === 'upheld'
      ? onChain.claim.finalStateRoot
      : undefined
  const query = useQuery({
    queryKey: ['states', finalState, stores],
    queryFn: async ({ signal }) => {
      const { fetchStates } = await import('./origin.ts')
      return fetchStates(finalState!, stores, signal)
    },
    enabled: finalState !== undefined,
    refetchInterval: ({ state: { status } }) => (status === 'error' ? 10_000 : false),
  })
  if (onChain === undefined)
    return problem === undefined ? (
      <Skeleton height={60} />
    ) : (
      <Notice>Not checked: the chain does not say what the job’s result is.</Notice>
    )
  if (finalState === undefined)
    return (
      <Notice>
        {onChain.claim.status === 'void'
          ? 'What was claimed for the job is void: it has no result that this could be.'
          : 'The job has no final result yet, so this cannot be checked.'}
      </Notice>
    )
  if (query.data !== undefined) {
    const is = query.data.at(state)
    return is === model ? (
      <Notice>Checked: state {state} of the job’s final state is this model, bit for bit.</Notice>
    ) : (
      <Notice tone="bad">
        <p>
          Not true: state {state} of the job’s final state is{' '}
          {is === undefined ? 'not there' : <Hex of={is} />}, not this model.
        </p>
      </Notice>
    )
  }
  return query.error === null ? (
    <Skeleton height={60} />
  ) : (
    <Notice>
      <p>
        Not checked: the states under the job’s final state are in no store that this page may ask.
      </p>
      <p className="foreign faint">{visible(query.error.message)}</p>
    </Notice>
  )
}
