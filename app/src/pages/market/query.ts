import { graphql, type ResultOf } from '../../data/graphql.ts'

const MarketFields = graphql(`
  fragment MarketFields on Market @_unmask {
    id
    status
    isHalted
    closesAt
    voidsAt
    createdAt
    resolvedAt
    b
    feeBps
    creatorBps
    modelBps
    protocolBps
    rules
    metadata
    subsidy
    sets
    liquidityShares
    outcomeCount
    tradeCount
    volume
    fees
    redeemed
    winners
    source
    creator {
      id
    }
    contest {
      id
    }
    series {
      id
    }
    outcomes(first: $outcomes, orderBy: quantity, orderDirection: desc) {
      nodes {
        id
        number
        price
        probability
        quantity
        volume
        tradeCount
        isWinner
        entrant {
          owner {
            id
          }
          model {
            id
          }
        }
      }
    }
  }
`)

/** A market with its most probable outcomes. */
export const MarketQuery = graphql(
  `
    query Market($id: ID!, $outcomes: Int!) {
      market(id: $id) {
        ...MarketFields
      }
    }
  `,
  [MarketFields],
)

export const MarketSubscription = graphql(
  `
    subscription WatchMarket($id: ID!, $outcomes: Int!) {
      market(id: $id) {
        ...MarketFields
      }
    }
  `,
  [MarketFields],
)

export const PricesQuery = graphql(`
  query Prices($id: ID!, $from: Timestamp, $outcomes: [Int!]) {
    market(id: $id) {
      id
      prices(from: $from, points: 200, outcomes: $outcomes) {
        outcomes
        points {
          timestamp
          prices
        }
      }
    }
  }
`)

export const TradesQuery = graphql(`
  query Trades($id: ID!, $first: Int!, $after: String) {
    trades(
      where: { market: $id }
      first: $first
      after: $after
      orderBy: id
      orderDirection: desc
    ) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        side
        shares
        amount
        fee
        priceBefore
        priceAfter
        timestamp
        transaction
        outcome {
          number
        }
        trader {
          id
        }
      }
    }
  }
`)

/** Who put liquidity into a market. */
export const ProvidersQuery = graphql(`
  query Providers($market: ID!, $first: Int!, $after: String) {
    liquidityPositions(
      where: { market: $market }
      first: $first
      after: $after
      orderBy: shares
      orderDirection: desc
    ) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        shares
        paid
        redeemed
        updatedAt
        owner {
          id
        }
      }
    }
  }
`)

export const PositionsQuery = graphql(`
  query Positions($where: PositionFilter!, $first: Int!, $after: String) {
    positions(where: $where, first: $first, after: $after, orderBy: shares, orderDirection: desc) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        shares
        paid
        received
        redeemed
        value
        profit
        outcome {
          number
        }
        owner {
          id
        }
      }
    }
  }
`)

export type MarketData = NonNullable<ResultOf<typeof MarketQuery>['market']>
export type OutcomeData = MarketData['outcomes']['nodes'][number]
