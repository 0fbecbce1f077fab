import { Link } from 'wouter'
import { useConfig } from '../config/useConfig.ts'
import { graphql, type ResultOf } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { day } from '../format/time.ts'
import { BarChart } from '../ui/BarChart.tsx'
import { Figures } from '../ui/Facts.tsx'
import { DisputeLink, JobLink, MarketLink } from '../ui/links.tsx'
import { Answered, Page, Section } from '../ui/Page.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Ai, Count, Status } from '../ui/values.tsx'

const OverviewQuery = graphql(`
  query Overview($network: ID!) {
    network(id: $network) {
      jobsPosted
      jobsActive
      jobsSettled
      escrowed
      paid
      stepsSettled
      disputes
      disputesActive
      disputesWon
      disputesLost
      disputeGas
      operators
      staked
      slashed
      markets
      trades
      volume
      supply
      events
    }
    networkDays(first: 30, orderBy: startsAt, orderDirection: desc) {
      nodes {
        id
        startsAt
        jobsPosted
        jobsSettled
        disputes
        trades
      }
    }
    jobs(first: 8, orderBy: postedAt, orderDirection: desc) {
      nodes {
        id
        status
        reward
        postedAt
      }
    }
    disputes(first: 8, orderBy: openedAt, orderDirection: desc) {
      nodes {
        id
        status
        phase
        openedAt
        job {
          id
        }
      }
    }
    markets(first: 8, orderBy: createdAt, orderDirection: desc) {
      nodes {
        id
        status
        outcomeCount
        volume
        createdAt
      }
    }
  }
`)

type Data = ResultOf<typeof OverviewQuery>

/** The network at a glance. */
export function Overview() {
  const { chainId } = useConfig()
  const answer = useAnswer(OverviewQuery, { network: String(chainId) })
  return (
    <Page title="Network">
      <Answered answer={answer} height={1400}>
        {(data) => (
          <>
            <Totals network={data.network} />
            <Section title="Activity by day (UTC)">
              <Activity days={data.networkDays.nodes} />
            </Section>
            <div className="columns">
              <Newest data={data} />
            </div>
          </>
        )}
      </Answered>
    </Page>
  )
}

function Totals({ network }: { network: Data['network'] }) {
  if (network === null) {
    return (
      <p className="faint">
        Nothing has happened on this network yet: no contract emitted an event.
      </p>
    )
  }
  return (
    <Figures
      of={[
        ['Jobs posted', <Count of={network.jobsPosted} />],
        ['Jobs active', <Count of={network.jobsActive} />],
        ['Jobs settled', <Count of={network.jobsSettled} />],
        ['Steps settled', <Count of={network.stepsSettled} />],
        ['In escrow', <Ai of={network.escrowed} />],
        ['Paid to solvers', <Ai of={network.paid} />],
        ['Disputes', <Count of={network.disputes} />],
        ['Disputes active', <Count of={network.disputesActive} />],
        ['Claims shown wrong', <Count of={network.disputesWon} />],
        ['Disputes lost', <Count of={network.disputesLost} />],
        ['Gas of disputes', <Count of={network.disputeGas} />],
        ['Operators', <Count of={network.operators} />],
        ['Staked', <Ai of={network.staked} />],
        ['Slashed', <Ai of={network.slashed} />],
        ['Markets', <Count of={network.markets} />],
        ['Trades', <Count of={network.trades} />],
        ['Volume', <Ai of={network.volume} />],
        ['Supply', <Ai of={network.supply} />],
      ]}
    />
  )
}

function Activity({ days }: { days: Data['networkDays']['nodes'] }) {
  const inOrder = [...days].sort((a, b) => a.startsAt - b.startsAt)
  const bars = (value: (of: (typeof days)[number]) => number) =>
    inOrder.map((one) => ({ name: day(one.startsAt), value: value(one) }))
  return (
    <div className="columns">
      <BarChart title="Jobs posted" bars={bars((one) => one.jobsPosted)} text={String} />
      <BarChart title="Trades" bars={bars((one) => one.trades)} text={String} />
    </div>
  )
}

function Newest({ data }: { data: Data }) {
  return (
    <>
      <Section title="Newest jobs">
        <Table
          caption="The eight jobs that were posted last"
          isCaptionHidden
          rows={data.jobs.nodes}
          id={({ id }) => id}
          columns={[
            { head: 'Job', cell: ({ id }) => <JobLink id={id} /> },
            { head: 'Status', cell: ({ status }) => <Status of={status} /> },
            { head: 'Reward', number: true, cell: ({ reward }) => <Ai of={reward} /> },
            { head: 'Posted', number: true, cell: ({ postedAt }) => <Ago at={postedAt} /> },
          ]}
        />
        <p>
          <Link href="/jobs">All jobs</Link>
        </p>
      </Section>
      <Section title="Newest disputes">
        <Table
          caption="The eight disputes that were opened last"
          isCaptionHidden
          rows={data.disputes.nodes}
          id={({ id }) => id}
          columns={[
            { head: 'Dispute', cell: ({ id }) => <DisputeLink id={id} /> },
            { head: 'Status', cell: ({ status }) => <Status of={status} /> },
            {
              head: 'Of',
              wide: true,
              cell: ({ job }) => (job === null ? '–' : <JobLink id={job.id} />),
            },
            { head: 'Opened', number: true, cell: ({ openedAt }) => <Ago at={openedAt} /> },
          ]}
        />
        <p>
          <Link href="/disputes">All disputes</Link>
        </p>
      </Section>
      <Section title="Newest markets">
        <Table
          caption="The eight markets that were made last"
          isCaptionHidden
          rows={data.markets.nodes}
          id={({ id }) => id}
          columns={[
            { head: 'Market', cell: ({ id }) => <MarketLink id={id} /> },
            { head: 'Status', cell: ({ status }) => <Status of={status} /> },
            {
              head: 'Outcomes',
              number: true,
              wide: true,
              cell: ({ outcomeCount }) => outcomeCount,
            },
            { head: 'Volume', number: true, cell: ({ volume }) => <Ai of={volume} /> },
          ]}
        />
        <p>
          <Link href="/markets">All markets</Link>
        </p>
      </Section>
    </>
  )
}
