import type { ResultOf } from '../../data/graphql.ts'
import { useAnswer } from '../../data/useAnswer.ts'
import { ClaimLink, DisputeLink, JobLink, OperatorLink } from '../../ui/links.tsx'
import { Answered } from '../../ui/Page.tsx'
import { Pager, usePaging } from '../../ui/Pager.tsx'
import { Score } from '../../ui/Score.tsx'
import { Table } from '../../ui/Table.tsx'
import { Ago, Countdown, None, Status } from '../../ui/values.tsx'
import { type ContestData, EvaluationsQuery } from './query.ts'

const SIZE = 50
/** Disputes of an evaluation that are listed; those beyond are on the page of the claim. */
const FEW = 3

type EvaluationData = ResultOf<typeof EvaluationsQuery>['evaluations']['nodes'][number]

/** The disputes of a claim: of one that was voided, by which another had to be made. */
function Disputes({
  of: { id, disputes },
}: {
  of: EvaluationData['job']['claims']['nodes'][number]
}) {
  return (
    <>
      {disputes.nodes.map((dispute) => (
        <div key={dispute.id}>
          <DisputeLink id={dispute.id} /> <Status of={dispute.status} />
        </div>
      ))}
      {disputes.totalCount > FEW ? (
        <div>
          {disputes.totalCount - FEW} more of <ClaimLink id={id} />
        </div>
      ) : null}
    </>
  )
}

/** Every evaluation of a contest, with the job that makes its score and disputes of its newest claims. */
export function Evaluations({ contest }: { contest: ContestData }) {
  const { rubric } = contest.evaluator
  const paging = usePaging(contest.id)
  const answer = useAnswer(
    EvaluationsQuery,
    { contest: contest.id, first: SIZE, after: paging.after },
    { keepPrevious: true },
  )
  return (
    <Answered answer={answer} height={600}>
      {({ evaluations: { nodes, totalCount, pageInfo } }) => (
        <>
          <Table
            caption={`Evaluations, the newest first: ${totalCount} in all`}
            rows={nodes}
            id={({ id }) => id}
            none="No evaluation has been ordered yet."
            columns={[
              { head: 'Entrant', cell: ({ entrant }) => entrant.number },
              { head: 'Round', cell: ({ round }) => round.number },
              {
                head: 'Score',
                cell: ({ score, status }) => (
                  <>
                    {score === null ? null : <Score of={score} rubric={rubric} />}{' '}
                    <Status of={status} />
                  </>
                ),
              },
              {
                head: 'Job and disputes of it',
                cell: ({ job: { id, status, claims } }) => (
                  <>
                    <JobLink id={id} /> <Status of={status} />
                    {claims.nodes.map((claim) => (
                      <Disputes key={claim.id} of={claim} />
                    ))}
                  </>
                ),
              },
              {
                head: 'Claimed by',
                wide: true,
                cell: ({ job: { claim } }) =>
                  claim === null ? (
                    <None />
                  ) : (
                    <>
                      <OperatorLink id={claim.vault.operator.id} /> <Status of={claim.status} />
                    </>
                  ),
              },
              {
                head: 'Ordered',
                number: true,
                wide: true,
                cell: ({ orderedAt, reportBy, status }) =>
                  reportBy !== null && status === 'ORDERED' ? (
                    <>
                      report missing, <Countdown until={reportBy} />
                    </>
                  ) : (
                    <Ago at={orderedAt} />
                  ),
              },
              {
                head: 'Ended',
                number: true,
                wide: true,
                cell: ({ endedAt }) => <Ago at={endedAt} />,
              },
            ]}
          />
          <Pager paging={paging} size={SIZE} total={totalCount} info={pageInfo} />
        </>
      )}
    </Answered>
  )
}
