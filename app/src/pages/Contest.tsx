import { useAnswer } from '../data/useAnswer.ts'
import { abbreviate } from '../format/hex.ts'
import '../theme/market.css'
import { MarketLink } from '../ui/links.tsx'
import { Answered, Notice, Page, Section } from '../ui/Page.tsx'
import { Table } from '../ui/Table.tsx'
import { Ai, Status } from '../ui/values.tsx'
import { ContestClock } from './contest/ContestClock.tsx'
import { ContestFacts } from './contest/ContestFacts.tsx'
import { Entrants } from './contest/Entrants.tsx'
import { Evaluations } from './contest/Evaluations.tsx'
import { EvaluatorFacts } from './contest/EvaluatorFacts.tsx'
import { type ContestData, ContestQuery } from './contest/query.ts'
import { Rounds } from './contest/Rounds.tsx'
import { MarketState } from './market/MarketState.tsx'

/** A contest: what it waits for, who entered, every score and the job behind it, and the verdict. */
export default function Contest({ id }: { id: string }) {
  const answer = useAnswer(ContestQuery, { id })
  const contest = answer.data?.contest
  return (
    <Page
      title={`Contest ${abbreviate(id)}`}
      aside={contest ? <Status of={contest.verdict} /> : undefined}
    >
      <Answered answer={answer} height={2400}>
        {({ contest: found }) =>
          found === null ? (
            <Notice>
              <p>
                The indexer knows no contest <span className="foreign">{id.slice(0, 100)}</span>. If
                it was just opened, it appears here within seconds.
              </p>
            </Notice>
          ) : (
            <Whole contest={found} />
          )
        }
      </Answered>
    </Page>
  )
}

function Whole({ contest }: { contest: ContestData }) {
  return (
    <>
      <ContestClock contest={contest} />
      <Section title="Entrants">
        <Entrants contest={contest} />
      </Section>
      <Section title="Rounds">
        <Rounds contest={contest} />
      </Section>
      <Section title="Evaluations">
        <Evaluations contest={contest} />
      </Section>
      <Section title="Markets on it">
        <Table
          caption="Markets that settle from this contest"
          isCaptionHidden
          rows={contest.markets.nodes}
          id={({ id }) => id}
          none="No market settles from this contest."
          columns={[
            { head: 'Market', cell: ({ id }) => <MarketLink id={id} /> },
            { head: 'State', cell: (market) => <MarketState of={market} /> },
            {
              head: 'Outcomes',
              number: true,
              wide: true,
              cell: ({ outcomeCount }) => outcomeCount,
            },
            { head: 'Volume', number: true, cell: ({ volume }) => <Ai of={volume} /> },
          ]}
        />
      </Section>
      <Section title="Terms">
        <ContestFacts contest={contest} />
      </Section>
      <Section title="Evaluator">
        <EvaluatorFacts of={contest.evaluator} />
      </Section>
    </>
  )
}
