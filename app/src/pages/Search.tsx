import type { ReactNode } from 'react'
import { useSearch } from 'wouter'
import { graphql, type ResultOf } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import {
  AccountLink,
  ClaimLink,
  ContestLink,
  DisputeLink,
  JobLink,
  MarketLink,
  ModelLink,
  OperatorLink,
  SeriesLink,
} from '../ui/links.tsx'
import { Transaction } from '../ui/onChain.tsx'
import { Answered, Page } from '../ui/Page.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago } from '../ui/values.tsx'

const SearchQuery = graphql(`
  query Search($text: String!) {
    search(text: $text) {
      __typename
      ... on Account {
        id
      }
      ... on Operator {
        id
      }
      ... on Vault {
        id
        operator {
          id
        }
      }
      ... on Job {
        id
      }
      ... on Claim {
        id
      }
      ... on Dispute {
        id
      }
      ... on Contest {
        id
      }
      ... on Model {
        id
      }
      ... on Market {
        id
      }
      ... on Series {
        id
      }
      ... on Event {
        id
        name
        transaction
        timestamp
        job {
          id
        }
        dispute {
          id
        }
        market {
          id
        }
      }
    }
  }
`)

type Result = ResultOf<typeof SearchQuery>['search'][number]

/** What an id, an address, a hash or the beginning of one is the name of. */
export default function Search() {
  const text = (new URLSearchParams(useSearch()).get('text') ?? '').slice(0, 100)
  const answer = useAnswer(SearchQuery, { text }, { enabled: text !== '' })
  return (
    <Page title="Search">
      {text === '' ? (
        <p className="faint">Nothing is searched for.</p>
      ) : (
        <Answered answer={answer} height={500}>
          {({ search }) => (
            <Table
              caption={`Found for “${text}”`}
              rows={search}
              id={({ __typename, id }) => `${__typename}:${id}`}
              none="Nothing. Ids are searched for as they are, addresses and hashes from six digits on."
              columns={[
                { head: 'What', cell: ({ __typename }) => __typename },
                { head: 'Where', cell: (result) => where(result) },
              ]}
            />
          )}
        </Answered>
      )}
    </Page>
  )
}

function where(result: Result): ReactNode {
  switch (result.__typename) {
    case 'Account':
      return <AccountLink id={result.id} />
    case 'Operator':
      return <OperatorLink id={result.id} />
    case 'Vault':
      return (
        <>
          of <OperatorLink id={result.operator.id} />
        </>
      )
    case 'Job':
      return <JobLink id={result.id} />
    case 'Claim':
      return <ClaimLink id={result.id} />
    case 'Dispute':
      return <DisputeLink id={result.id} />
    case 'Contest':
      return <ContestLink id={result.id} />
    case 'Model':
      return <ModelLink id={result.id} />
    case 'Market':
      return <MarketLink id={result.id} />
    case 'Series':
      return <SeriesLink id={result.id} />
    case 'Event':
      return (
        <>
          {result.name} in <Transaction id={result.transaction} /> <Ago at={result.timestamp} />
          {result.job === null ? null : (
            <>
              {' · '}
              <JobLink id={result.job.id} />
            </>
          )}
          {result.dispute === null ? null : (
            <>
              {' · '}
              <DisputeLink id={result.dispute.id} />
            </>
          )}
          {result.market === null ? null : (
            <>
              {' · '}
              <MarketLink id={result.market.id} />
            </>
          )}
        </>
      )
  }
}
