import { graphql, type ResultOf } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { abbreviate } from '../format/hex.ts'
import { Facts } from '../ui/Facts.tsx'
import { AccountLink, ContestLink, JobLink } from '../ui/links.tsx'
import { Answered, Notice, Page, Section } from '../ui/Page.tsx'
import { Score } from '../ui/Score.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Count, Hex, None, Status } from '../ui/values.tsx'
import { Provenance } from './model/Provenance.tsx'

const ModelQuery = graphql(`
  query Model($id: ID!) {
    model(id: $id) {
      id
      provenance
      firstRevealedAt
      entryCount
      wins
      owner {
        id
      }
      entries(first: 50, orderBy: enteredAt, orderDirection: desc) {
        totalCount
        nodes {
          id
          number
          scored
          total
          isWinner
          enteredAt
          provenance
          contest {
            id
            uri
            roundCount
            verdict
            evaluator {
              rubric
            }
          }
          evaluations(first: 16) {
            nodes {
              id
              score
              job {
                id
              }
            }
          }
        }
      }
    }
  }
`)

type ModelData = NonNullable<ResultOf<typeof ModelQuery>['model']>

/** A model: where it comes from, and how it did in contests. */
export default function Model({ id }: { id: string }) {
  const root = id.toLowerCase()
  const answer = useAnswer(ModelQuery, { id: root })
  return (
    <Page title={`Model ${abbreviate(root)}`}>
      <Answered answer={answer} height={1200}>
        {({ model }) =>
          model === null ? (
            <Notice>
              <p>
                No model <span className="foreign">{id.slice(0, 100)}</span> has been revealed in a
                contest.
              </p>
            </Notice>
          ) : (
            <Whole model={model} />
          )
        }
      </Answered>
    </Page>
  )
}

function Whole({ model }: { model: ModelData }) {
  const { entries } = model
  return (
    <>
      <Facts
        of={[
          ['Root', <Hex of={model.id} head={14} tail={12} />],
          ['Owner', <AccountLink id={model.owner.id} />],
          ['Entries', <Count of={model.entryCount} />],
          ['Wins', <Count of={model.wins} />],
          ['First revealed', <Ago at={model.firstRevealedAt} />],
        ]}
      />
      <Section title="Provenance">
        <Provenance
          root={model.provenance}
          model={model.id}
          uris={[...new Set(entries.nodes.map(({ contest }) => contest.uri))]}
        />
      </Section>
      <Section title="Entries">
        <Table
          caption={`Entries in contests, the newest first: ${entries.totalCount} in all`}
          rows={entries.nodes}
          id={({ id }) => id}
          columns={[
            { head: 'Contest', cell: ({ contest }) => <ContestLink id={contest.id} /> },
            { head: 'Entrant', cell: ({ number }) => number },
            {
              head: 'Result',
              cell: ({ isWinner, contest }) =>
                isWinner ? <Status of="WINNER" /> : <Status of={contest.verdict} />,
            },
            {
              head: 'Scores',
              cell: ({ contest, evaluations: { nodes } }) =>
                nodes.length === 0 ? (
                  <None />
                ) : (
                  nodes.map(({ id, score, job }) => (
                    <div key={id}>
                      {score === null ? (
                        '–'
                      ) : (
                        <Score of={score} rubric={contest.evaluator.rubric} />
                      )}{' '}
                      (<JobLink id={job.id} />)
                    </div>
                  ))
                ),
            },
            {
              head: 'Total',
              number: true,
              cell: ({ total, scored, contest }) =>
                total === null ? (
                  <None />
                ) : (
                  <Score of={total} rounds={scored} rubric={contest.evaluator.rubric} />
                ),
            },
            { head: 'Entered', number: true, cell: ({ enteredAt }) => <Ago at={enteredAt} /> },
          ]}
        />
      </Section>
    </>
  )
}
