import { useAnswer } from '../../data/useAnswer.ts'
import { whole } from '../../format/number.ts'
import { DisputeLink, JobLink } from '../../ui/links.tsx'
import { Answered } from '../../ui/Page.tsx'
import { Pager, usePaging } from '../../ui/Pager.tsx'
import { Table } from '../../ui/Table.tsx'
import { Ago, Countdown, None, Status } from '../../ui/values.tsx'
import { EvaluationsQuery } from './query.ts'

const SIZE = 50

/** Every evaluation of a contest, with the job that makes its score and disputes of that. */
export function Evaluations({ contest }: { contest: string }) {
  const paging = usePaging(contest)
  const answer = useAnswer(
    EvaluationsQuery,
    { contest, first: SIZE, after: paging.after },
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
              { head: 'Entrant', number: true, cell: ({ entrant }) => entrant.number },
              { head: 'Round', number: true, cell: ({ round }) => round.number },
              { head: 'Status', cell: ({ status }) => <Status of={status} /> },
              {
                head: 'Score',
                number: true,
                cell: ({ score }) => (score === null ? <None /> : whole(score)),
              },
              {
                head: 'Job',
                cell: ({ job }) => (
                  <>
                    <JobLink id={job.id} /> <Status of={job.status} />
                  </>
                ),
              },
              {
                head: 'Disputes',
                wide: true,
                cell: ({ job: { claim } }) =>
                  claim === null || claim.disputes.totalCount === 0 ? (
                    <None />
                  ) : (
                    claim.disputes.nodes.map(({ id, status }) => (
                      <div key={id}>
                        <DisputeLink id={id} /> <Status of={status} />
                      </div>
                    ))
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
            ]}
          />
          <Pager paging={paging} size={SIZE} total={totalCount} info={pageInfo} />
        </>
      )}
    </Answered>
  )
}
