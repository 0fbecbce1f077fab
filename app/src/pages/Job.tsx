import { graphql, type ResultOf } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { useLive } from '../data/useLive.ts'
import { duration } from '../format/time.ts'
import { Facts } from '../ui/Facts.tsx'
import { AccountLink, ClaimLink, ContestLink, OperatorLink } from '../ui/links.tsx'
import { Transaction } from '../ui/onChain.tsx'
import { Answered, Page, Section } from '../ui/Page.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Ai, Bps, Count, Countdown, Foreign, Hex, None, Status } from '../ui/values.tsx'
import { JobCheck } from './JobCheck.tsx'
import { Lifeline } from './Lifeline.tsx'
import { LossCurve } from './LossCurve.tsx'
import { NotFound } from './NotFound.tsx'

const JobQuery = graphql(`
  query Job($id: ID!) {
    job(id: $id) {
      id
      status
      reward
      stake
      workSeconds
      deadline
      uri
      feeBps
      penaltyBps
      attemptCount
      isCancelling
      paid
      fee
      postedAt
      takenAt
      endedAt
      transaction
      submitter {
        id
      }
      operator {
        id
      }
      computation {
        id
        program
        initialStateRoot
        constantsRoot
        nodes
        states
        constants
        steps
        interval
        seed
        checkpoints
      }
      claim {
        id
        status
        checkpointRoot
        finalStateRoot
        madeAt
        windowEnd
        disputeCount
        disputesActive
      }
      evaluation {
        id
        score
        contest {
          id
        }
        entrant {
          number
        }
        round {
          number
        }
      }
      clock {
        waitsFor
        until
      }
      attempts(first: 50, orderBy: number, orderDirection: asc) {
        totalCount
        nodes {
          id
          number
          outcome
          penalty
          takenAt
          dueAt
          endedAt
          operator {
            id
          }
          claim {
            id
          }
        }
      }
      lifeline(first: 200) {
        totalCount
        nodes {
          id
          contract
          name
          args
          timestamp
          transaction
          dispute {
            id
          }
        }
      }
    }
  }
`)
const JobChanges = graphql(`
  subscription JobChanges($id: ID!) {
    job(id: $id) {
      id
      status
      attemptCount
    }
  }
`)

type JobData = NonNullable<ResultOf<typeof JobQuery>['job']>

const WAITS = {
  SOLVER: 'a solver',
  CLAIM: 'the solver’s claim',
  WINDOW: 'the end of the challenge window',
  DISPUTE: 'a dispute',
  TRANSACTION: 'a transaction by anyone',
} as const

/** One job: what is to be done, who did it, what was paid, and its life in order. */
export default function Job({ id }: { id: string }) {
  const answer = useAnswer(JobQuery, { id })
  const isOver = ['SETTLED', 'CANCELLED', 'EXPIRED'].includes(answer.data?.job?.status ?? '')
  useLive(
    JobChanges,
    { id },
    (_, queries) => void queries.invalidateQueries({ queryKey: ['graphql'] }),
    !isOver,
  )
  if (answer.data?.job === null) return <NotFound what={`There is no job ${id.slice(0, 80)}.`} />
  return (
    <Page title={`Job ${id}`} aside={answer.data && <Status of={answer.data.job.status} />}>
      <Answered answer={answer} height={1600}>
        {({ job }) => (job === null ? null : <Body job={job} />)}
      </Answered>
    </Page>
  )
}

function Body({ job }: { job: JobData }) {
  const { claim, computation, evaluation } = job
  return (
    <>
      <Waiting job={job} />
      <JobCheck job={job} />
      <div className="columns">
        <Section title="Terms">
          <Facts
            of={[
              ['Submitter', <AccountLink id={job.submitter.id} />],
              ['Reward', <Ai of={job.reward} />],
              ['Stake of the solver', <Ai of={job.stake} />],
              ['Time for the work', duration(job.workSeconds)],
              ['To be taken until', <Ago at={job.deadline} />],
              ['Posted', <Ago at={job.postedAt} />],
              ['Penalty for abandoning', <Bps of={job.penaltyBps} />],
              ['Artifacts', <Foreign text={job.uri} />],
              ['Posted by transaction', <Transaction id={job.transaction} />],
              [
                'Scores',
                evaluation === null ? undefined : (
                  <>
                    entrant {evaluation.entrant.number} of{' '}
                    <ContestLink id={evaluation.contest.id} />, round {evaluation.round.number}
                  </>
                ),
              ],
            ]}
          />
        </Section>
        <Section title="Payments">
          <Facts
            of={[
              ['In escrow', job.endedAt === null ? <Ai of={job.reward} /> : <Ai of="0" />],
              ['Paid to the solver’s vault', job.paid === null ? <None /> : <Ai of={job.paid} />],
              [
                'Fee of the protocol',
                job.fee === null ? <Bps of={job.feeBps} /> : <Ai of={job.fee} />,
              ],
              [
                'Operator',
                job.operator === null ? <None /> : <OperatorLink id={job.operator.id} />,
              ],
              ['Ended', <Ago at={job.endedAt} />],
            ]}
          />
        </Section>
      </div>
      {claim === null ? null : (
        <Section title="Loss">
          <LossCurve job={job.id} uri={job.uri} />
        </Section>
      )}
      <div className="columns">
        <Section title="Computation and checkpoints">
          <Facts
            of={[
              ['Steps', <Count of={computation.steps} />],
              ['Steps between checkpoints', <Count of={computation.interval} />],
              ['Checkpoints', <Count of={computation.checkpoints} />],
              ['Root of the checkpoints', claim ? <Hex of={claim.checkpointRoot} /> : <None />],
              ['Final state', claim ? <Hex of={claim.finalStateRoot} /> : <None />],
              ['Initial state', <Hex of={computation.initialStateRoot} />],
              ['Program', <Hex of={computation.program} />],
              ['Nodes of a step', <Count of={computation.nodes} />],
              ['Tensors of the state', <Count of={computation.states} />],
              ['Constants', <Count of={computation.constants} />],
              ['Seed', <Count of={computation.seed} />],
            ]}
          />
        </Section>
        <Section title="Claim">
          {claim === null ? (
            <p className="faint">Nobody has claimed a result yet.</p>
          ) : (
            <Facts
              of={[
                ['Claim', <ClaimLink id={claim.id} />],
                ['Status', <Status of={claim.status} />],
                ['Made', <Ago at={claim.madeAt} />],
                ['Window ends', <Ago at={claim.windowEnd} />],
                ['Disputes', <Count of={claim.disputeCount} />],
                ['Undecided', <Count of={claim.disputesActive} />],
              ]}
            />
          )}
        </Section>
      </div>
      <Section title="Attempts">
        <Attempts job={job} />
      </Section>
      <Section title="Life line">
        <Lifeline events={job.lifeline.nodes} />
        {job.lifeline.totalCount > job.lifeline.nodes.length ? (
          <p className="faint">
            The first {job.lifeline.nodes.length} of {job.lifeline.totalCount} events.
          </p>
        ) : null}
      </Section>
    </>
  )
}

function Waiting({ job: { clock, isCancelling } }: { job: JobData }) {
  return (
    <p className="waiting">
      {clock === null ? (
        'It is over.'
      ) : (
        <>
          Waits for {WAITS[clock.waitsFor]}
          {clock.until === null ? null : (
            <>
              {' '}
              for <Countdown until={clock.until} />
            </>
          )}
          .
        </>
      )}
      {isCancelling ? ' If this attempt fails, the escrow goes back to the submitter.' : ''}
    </p>
  )
}

function Attempts({ job: { attempts } }: { job: JobData }) {
  return (
    <Table
      caption="Solvers that took the job, in order"
      rows={attempts.nodes}
      id={({ id }) => id}
      none="Nobody has taken it yet."
      columns={[
        { head: 'Attempt', cell: ({ number }) => number },
        { head: 'Outcome', cell: ({ outcome }) => <Status of={outcome} /> },
        { head: 'Operator', cell: ({ operator }) => <OperatorLink id={operator.id} /> },
        {
          head: 'Claim',
          cell: ({ claim }) => (claim === null ? <None /> : <ClaimLink id={claim.id} />),
        },
        { head: 'Penalty', number: true, cell: ({ penalty }) => <Ai of={penalty} /> },
        { head: 'Taken', number: true, cell: ({ takenAt }) => <Ago at={takenAt} /> },
        { head: 'Ended', number: true, wide: true, cell: ({ endedAt }) => <Ago at={endedAt} /> },
      ]}
    />
  )
}
