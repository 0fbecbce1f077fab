import { graphql, type ResultOf } from '../../data/graphql.ts'

const DisputeFields = graphql(`
  fragment DisputeFields on Dispute @_unmask {
    id
    place
    status
    phase
    interval
    step
    node
    operator
    element
    segment
    isInt32
    openedAt
    admittedAt
    decidedAt
    decidedBy
    moveCount
    gas
    bondWei
    bondReturnedWei
    bondToSolverWei
    bondBurnedWei
    reward
    costs
    solverLeft
    challengerLeft
    challenger {
      id
    }
    job {
      id
    }
    claimed {
      bits
      decimal
    }
    right {
      bits
      decimal
    }
    turn {
      side
      start
      deadline
      secondsLeft
      solverLeft
      challengerLeft
    }
    walk {
      level
      index
      of
      label
      move {
        id
        index
        name
        timestamp
        transaction
      }
    }
    claim {
      id
      status
      solver
      isVoid
      slashed
      toChallenger
      burned
      toTreasury
      vault {
        operator {
          id
        }
      }
      parameters {
        solverBudget
        challengerBudget
        extension
        heavyExtension
      }
      computation {
        steps
        interval
        nodes
      }
      answers(first: 200) {
        nodes {
          id
          kind
          index
          root
          answeredAt
          gas
          block
          logIndex
          transaction
        }
      }
    }
    moves(first: 200, orderBy: index, orderDirection: asc) {
      nodes {
        id
        index
        name
        side
        sender
        phase
        position
        row
        leaf
        partials
        gas
        block
        logIndex
        timestamp
        transaction
      }
    }
  }
`)

export const DisputeQuery = graphql(
  `
    query Dispute($id: ID!) {
      dispute(id: $id) {
        ...DisputeFields
      }
    }
  `,
  [DisputeFields],
)

export const DisputeChanges = graphql(
  `
    subscription DisputeChanges($id: ID!) {
      dispute(id: $id) {
        ...DisputeFields
      }
    }
  `,
  [DisputeFields],
)

export type DisputeData = ResultOf<typeof DisputeFields>
