import { verdeAbi } from '@lockstep/deployments/abis'
import { CLAIM_STATUSES } from '@lockstep/deployments/protocol'
import { useConfig } from '../config/useConfig.ts'
import { graphql, type ResultOf } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { useChainRead } from '../data/useChainRead.ts'
import { abbreviate, words } from '../format/hex.ts'
import { duration } from '../format/time.ts'
import { ChainCheck } from '../ui/ChainCheck.tsx'
import { Facts } from '../ui/Facts.tsx'
import { AccountLink, DisputeLink, JobLink, OperatorLink } from '../ui/links.tsx'
import { Transaction } from '../ui/onChain.tsx'
import { Answered, Page, Section } from '../ui/Page.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Ai, Bps, Count, Ether, Hex, None, Status } from '../ui/values.tsx'
import { NotFound } from './NotFound.tsx'

const ClaimQuery = graphql(`
  query Claim($id: ID!) {
    claim(id: $id) {
      id
      status
      checkpointRoot
      finalStateRoot
      solver
      delegate
      madeAt
      windowEnd
      disputeCount
      disputesActive
      disputesLost
      voidedAt
      voidedBy {
        id
      }
      slashed
      toChallenger
      burned
      toTreasury
      reserved
      transaction
      job {
        id
      }
      attempt {
        number
      }
      vault {
        operator {
          id
        }
      }
      computation {
        steps
        interval
        checkpoints
        program
      }
      parameters {
        id
        solverBudget
        challengerBudget
        extension
        heavyExtension
        liveLimit
        challengerBps
        burnBps
        bondWei
        costs
      }
      disputes(first: 100, orderBy: place, orderDirection: asc) {
        totalCount
        nodes {
          id
          place
          status
          phase
          openedAt
          challenger {
            id
          }
        }
      }
      answers(first: 100, orderBy: answeredAt, orderDirection: asc) {
        nodes {
          id
          kind
          index
          root
          answeredAt
          gas
          transaction
        }
      }
    }
  }
`)

type ClaimData = NonNullable<ResultOf<typeof ClaimQuery>['claim']>

/** What a solver said the result is, and what became of it. */
export default function Claim({ id }: { id: string }) {
  const answer = useAnswer(ClaimQuery, { id })
  const claim = answer.data?.claim
  if (claim === null) return <NotFound what={`There is no claim ${abbreviate(id, 12, 12)}.`} />
  return (
    <Page title={`Claim ${abbreviate(id)}`} aside={claim && <Status of={claim.status} />}>
      <Answered answer={answer} height={1200}>
        {(data) => (data.claim === null ? null : <Body claim={data.claim} />)}
      </Answered>
    </Page>
  )
}

function Body({ claim }: { claim: ClaimData }) {
  const { computation, parameters } = claim
  return (
    <>
      <OnChain claim={claim} />
      <div className="columns">
        <Section title="What is claimed">
          <Facts
            of={[
              ['Id', <Hex of={claim.id} head={8} tail={8} />],
              ['Job', claim.job === null ? <None /> : <JobLink id={claim.job.id} />],
              ['Attempt', claim.attempt === null ? <None /> : claim.attempt.number],
              ['Root of the checkpoints', <Hex of={claim.checkpointRoot} />],
              ['Checkpoints', <Count of={computation.checkpoints} />],
              ['Steps', <Count of={computation.steps} />],
              ['Final state', <Hex of={claim.finalStateRoot} />],
              ['Program', <Hex of={computation.program} />],
              ['Solver', <AccountLink id={claim.solver} />],
              [
                'May answer as well',
                claim.delegate ? <AccountLink id={claim.delegate} /> : <None />,
              ],
              ['Operator', <OperatorLink id={claim.vault.operator.id} />],
              ['Made', <Ago at={claim.madeAt} />],
              ['Can be challenged until', <Ago at={claim.windowEnd} />],
              ['Transaction', <Transaction id={claim.transaction} />],
            ]}
          />
        </Section>
        <Section title="Money">
          <Facts
            of={[
              ['Voided by', claim.voidedBy ? <DisputeLink id={claim.voidedBy.id} /> : <None />],
              ['Voided', <Ago at={claim.voidedAt} />],
              ['Slashed', <Ai of={claim.slashed} />],
              ['To the challenger', <Ai of={claim.toChallenger} />],
              ['Burned', <Ai of={claim.burned} />],
              ['To the treasury', <Ai of={claim.toTreasury} />],
              ['Kept for others’ costs', <Ai of={claim.reserved} />],
              ['Bond of a challenge', <Ether of={parameters.bondWei} />],
              ['Challenger’s part of a slash', <Bps of={parameters.challengerBps} />],
              ['Burned part', <Bps of={parameters.burnBps} />],
              ['Solver’s budget', duration(parameters.solverBudget)],
              ['Challenger’s budget', duration(parameters.challengerBudget)],
              ['Live disputes at a time', <Count of={parameters.liveLimit} />],
              ['Parameters, version', parameters.id],
            ]}
          />
        </Section>
      </div>
      <Section title="Disputes">
        <Table
          caption={`Disputes of the claim by place: ${claim.disputes.totalCount} in all, ${claim.disputesActive} undecided`}
          rows={claim.disputes.nodes}
          id={({ id }) => id}
          none="Nobody has disputed it."
          columns={[
            { head: 'Place', cell: ({ place }) => place },
            { head: 'Dispute', cell: ({ id }) => <DisputeLink id={id} /> },
            { head: 'Status', cell: ({ status }) => <Status of={status} /> },
            { head: 'Phase', cell: ({ phase }) => words(phase) },
            { head: 'Challenger', cell: ({ challenger }) => <AccountLink id={challenger.id} /> },
            { head: 'Opened', number: true, cell: ({ openedAt }) => <Ago at={openedAt} /> },
          ]}
        />
      </Section>
      <Section title="Answers of the solver">
        <Table
          caption="Roots that hold for every dispute of the claim"
          rows={claim.answers.nodes}
          id={({ id }) => id}
          none="None was asked for."
          columns={[
            {
              head: 'Of',
              cell: ({ kind }) => (kind === 'STEPS' ? 'steps of interval' : 'graph of step'),
            },
            { head: 'Index', number: true, cell: ({ index }) => <Count of={index} /> },
            { head: 'Root', cell: ({ root }) => <Hex of={root} /> },
            { head: 'Gas', number: true, wide: true, cell: ({ gas }) => <Count of={gas} /> },
            { head: 'Transaction', cell: ({ transaction }) => <Transaction id={transaction} /> },
            { head: 'Time', number: true, cell: ({ answeredAt }) => <Ago at={answeredAt} /> },
          ]}
        />
      </Section>
    </>
  )
}

function OnChain({ claim }: { claim: ClaimData }) {
  const { contracts } = useConfig()
  const verde = { abi: verdeAbi, address: contracts.verde } as const
  const answer = useChainRead(['claim', claim.id], async (client) => {
    const args = [BigInt(claim.id)] as const
    const [status, stored] = await Promise.all([
      client.readContract({ ...verde, functionName: 'statusOf', args }),
      client.readContract({ ...verde, functionName: 'claimOf', args }),
    ])
    return { status, finalStateRoot: stored.finalStateRoot, disputes: stored.count }
  })
  return (
    <ChainCheck
      answer={answer}
      compare={({ status, finalStateRoot, disputes }) => [
        {
          what: 'Status',
          indexed: words(claim.status),
          onChain: CLAIM_STATUSES[status] ?? 'none',
        },
        { what: 'Final state', indexed: claim.finalStateRoot, onChain: finalStateRoot },
        { what: 'Disputes', indexed: String(claim.disputeCount), onChain: String(disputes) },
      ]}
    />
  )
}
