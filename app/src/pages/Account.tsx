import { graphql, type ResultOf } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { abbreviate } from '../format/hex.ts'
import { Figures } from '../ui/Facts.tsx'
import { DisputeLink, JobLink, MarketLink, OperatorLink } from '../ui/links.tsx'
import { WholeAddress } from '../ui/onChain.tsx'
import { Answered, Page, Section } from '../ui/Page.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Ai, Count, None, Shares, Status } from '../ui/values.tsx'
import { NotFound } from './NotFound.tsx'

const AccountQuery = graphql(`
  query Account($id: ID!) {
    account(id: $id) {
      id
      balance
      jobsPosted
      spent
      disputes
      disputeRewards
      trades
      volume
      firstSeenAt
      operator {
        id
      }
      jobs(first: 30, orderBy: postedAt, orderDirection: desc) {
        totalCount
        nodes {
          id
          status
          reward
          postedAt
        }
      }
      positions(first: 50, orderBy: updatedAt, orderDirection: desc) {
        totalCount
        nodes {
          id
          shares
          paid
          received
          redeemed
          value
          profit
          market {
            id
          }
          outcome {
            number
          }
        }
      }
    }
    disputes(first: 30, where: { challenger: $id }, orderBy: openedAt, orderDirection: desc) {
      totalCount
      nodes {
        id
        status
        reward
        openedAt
      }
    }
  }
`)

type Data = ResultOf<typeof AccountQuery>

/** What an account has, posted, disputed and traded. */
export default function Account({ id }: { id: string }) {
  const answer = useAnswer(AccountQuery, { id: id.toLowerCase() })
  if (answer.data?.account === null) {
    return <NotFound what={`${abbreviate(id)} has done nothing on this network.`} />
  }
  return (
    <Page title={`Account ${abbreviate(id)}`}>
      <Answered answer={answer} height={1000}>
        {(data) => <Body data={data} />}
      </Answered>
    </Page>
  )
}

function Body({ data: { account, disputes } }: { data: Data }) {
  if (account === null) return null
  return (
    <>
      <p>
        <WholeAddress id={account.id} /> first seen <Ago at={account.firstSeenAt} />
        {account.operator === null ? null : (
          <>
            , operates a vault: <OperatorLink id={account.operator.id} />
          </>
        )}
      </p>
      <Section title="In all">
        <Figures
          of={[
            ['Balance', <Ai of={account.balance} />],
            ['Jobs posted', <Count of={account.jobsPosted} />],
            ['Spent on jobs', <Ai of={account.spent} />],
            ['Disputes', <Count of={account.disputes} />],
            ['Received for disputes', <Ai of={account.disputeRewards} />],
            ['Trades', <Count of={account.trades} />],
            ['Volume', <Ai of={account.volume} />],
          ]}
        />
      </Section>
      <Section title="Jobs">
        <Table
          caption={`The newest of ${account.jobs.totalCount} jobs that it posted`}
          rows={account.jobs.nodes}
          id={({ id }) => id}
          columns={[
            { head: 'Job', cell: ({ id }) => <JobLink id={id} /> },
            { head: 'Status', cell: ({ status }) => <Status of={status} /> },
            { head: 'Reward', number: true, cell: ({ reward }) => <Ai of={reward} /> },
            { head: 'Posted', number: true, cell: ({ postedAt }) => <Ago at={postedAt} /> },
          ]}
        />
      </Section>
      <Section title="Disputes">
        <Table
          caption={`The newest of ${disputes.totalCount} disputes that it opened`}
          rows={disputes.nodes}
          id={({ id }) => id}
          columns={[
            { head: 'Dispute', cell: ({ id }) => <DisputeLink id={id} /> },
            { head: 'Status', cell: ({ status }) => <Status of={status} /> },
            { head: 'Reward', number: true, cell: ({ reward }) => <Ai of={reward} /> },
            { head: 'Opened', number: true, cell: ({ openedAt }) => <Ago at={openedAt} /> },
          ]}
        />
      </Section>
      <Section title="Positions in markets">
        <Table
          caption={`The newest of ${account.positions.totalCount} positions`}
          rows={account.positions.nodes}
          id={({ id }) => id}
          columns={[
            { head: 'Market', cell: ({ market }) => <MarketLink id={market.id} /> },
            { head: 'Outcome', cell: ({ outcome }) => outcome.number },
            { head: 'Shares', number: true, cell: ({ shares }) => <Shares of={shares} /> },
            { head: 'Paid', number: true, wide: true, cell: ({ paid }) => <Ai of={paid} /> },
            {
              head: 'Worth now',
              number: true,
              cell: ({ value }) => (value === '0' ? <None /> : <Ai of={value} />),
            },
            { head: 'Profit', number: true, cell: ({ profit }) => <Ai of={profit} /> },
          ]}
        />
      </Section>
    </>
  )
}
