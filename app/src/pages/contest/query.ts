import { graphql, type ResultOf } from '../../data/graphql.ts'

export const EvaluatorFields = graphql(`
  fragment EvaluatorFields on Evaluator @_unmask {
    id
    rubric
    nodesRoot
    statesRoot
    constantEntriesRoot
    initialStateRoot
    weightsRoot
    nodes
    states
    steps
    interval
    seed
    scoreState
    registeredAt
    contestCount
  }
`)

export type EvaluatorData = ResultOf<typeof EvaluatorFields>

export const ContestQuery = graphql(
  `
    query Contest($id: ID!) {
      contest(id: $id) {
        id
        verdict
        winners
        uri
        attester
        maxEntrants
        entriesClose
        workSeconds
        solveSeconds
        reward
        stake
        roundCount
        entrantCount
        openedAt
        concludedAt
        opener {
          id
        }
        series {
          id
        }
        transaction
        evaluator {
          ...EvaluatorFields
        }
        rounds(first: 16, orderBy: number, orderDirection: asc) {
          nodes {
            id
            number
            testSet
            root
            opensAt
            orderBy
            revealedAt
          }
        }
        entrants(first: 256, orderBy: number, orderDirection: asc) {
          nodes {
            id
            number
            commitment
            provenance
            scored
            total
            isWinner
            escrowReturned
            enteredAt
            revealedAt
            transaction
            owner {
              id
            }
            model {
              id
            }
          }
        }
        markets(first: 20, orderBy: createdAt, orderDirection: desc) {
          nodes {
            id
            status
            isHalted
            closesAt
            outcomeCount
            volume
          }
        }
      }
    }
  `,
  [EvaluatorFields],
)

export const EvaluationsQuery = graphql(`
  query Evaluations($contest: ID!, $first: Int!, $after: String) {
    evaluations(
      where: { contest: $contest }
      first: $first
      after: $after
      orderBy: orderedAt
      orderDirection: desc
    ) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        status
        score
        reportBy
        orderedAt
        endedAt
        entrant {
          number
        }
        round {
          number
        }
        job {
          id
          status
          claim {
            id
            status
            vault {
              operator {
                id
              }
            }
          }
          claims(first: 3, orderBy: madeAt, orderDirection: desc) {
            nodes {
              id
              disputes(first: 3, orderBy: openedAt, orderDirection: desc) {
                totalCount
                nodes {
                  id
                  status
                }
              }
            }
          }
        }
      }
    }
  }
`)

export type ContestData = NonNullable<ResultOf<typeof ContestQuery>['contest']>
