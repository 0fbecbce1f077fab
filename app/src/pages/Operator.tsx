import { stakeVaultAbi } from '@lockstep/deployments/abis'
import { graphql, type ResultOf } from '../data/graphql.ts'
import { useAnswer } from '../data/useAnswer.ts'
import { useChainRead } from '../data/useChainRead.ts'
import { abbreviate } from '../format/hex.ts'
import { ai } from '../format/number.ts'
import { ChainCheck } from '../ui/ChainCheck.tsx'
import { Facts, Figures } from '../ui/Facts.tsx'
import { AccountLink, ClaimLink, JobLink } from '../ui/links.tsx'
import { Address, Transaction } from '../ui/onChain.tsx'
import { Answered, Page, Section } from '../ui/Page.tsx'
import { Table } from '../ui/Table.tsx'
import { Ago, Ai, Bps, Count, Hex, None, Status, VaultShares } from '../ui/values.tsx'
import { NotFound } from './NotFound.tsx'

const OperatorQuery = graphql(`
  query Operator($id: ID!) {
    operator(id: $id) {
      id
      jobsTaken
      jobsSettled
      jobsAbandoned
      claimsVoided
      disputesDefended
      stepsSettled
      earned
      slashed
      since
      lastActiveAt
      reliabilityBps
      active
      attempts(first: 30, orderBy: takenAt, orderDirection: desc) {
        totalCount
        nodes {
          id
          outcome
          takenAt
          endedAt
          penalty
          job {
            id
            reward
          }
          claim {
            id
          }
        }
      }
      vault {
        id
        commissionBps
        nextCommissionBps
        nextCommissionFrom
        selfBond
        selfBondHeldUntil
        delegated
        leaving
        locked
        free
        slashed
        rewards
        commission
        commissionCollected
        delegators
        isClosed
        createdAt
        delegations(first: 50, orderBy: shares, orderDirection: desc) {
          totalCount
          nodes {
            id
            shares
            deposited
            assets
            owner {
              id
            }
          }
        }
        locks(first: 50, orderBy: lockedAt, orderDirection: desc) {
          totalCount
          nodes {
            id
            lockId
            amount
            remaining
            slashed
            lockedAt
            endedAt
            attempt {
              id
              job {
                id
              }
            }
          }
        }
        slashes(first: 50, orderBy: timestamp, orderDirection: desc) {
          totalCount
          nodes {
            id
            amount
            fromSelfBond
            fromDelegated
            fromLeaving
            timestamp
            transaction
            claim {
              id
            }
          }
        }
        exits(first: 50, orderBy: requestedAt, orderDirection: desc) {
          totalCount
          nodes {
            id
            requestId
            shares
            withdrawnShares
            withdrawn
            requestedAt
            isVoid
            controller {
              id
            }
          }
        }
      }
    }
  }
`)

type OperatorData = NonNullable<ResultOf<typeof OperatorQuery>['operator']>
type Vault = OperatorData['vault']

/** An operator: its record, its vault, who trusts it with stake, and what was taken. */
export default function Operator({ id }: { id: string }) {
  const answer = useAnswer(OperatorQuery, { id: id.toLowerCase() })
  const operator = answer.data?.operator
  if (operator === null) return <NotFound what={`${abbreviate(id)} operates no vault.`} />
  return (
    <Page
      title={`Operator ${abbreviate(id)}`}
      aside={operator && <Status of={operator.vault.isClosed ? 'CLOSED' : 'OPEN'} />}
    >
      <Answered answer={answer} height={1500}>
        {(data) => (data.operator === null ? null : <Body operator={data.operator} />)}
      </Answered>
    </Page>
  )
}

function Body({ operator }: { operator: OperatorData }) {
  const { vault } = operator
  return (
    <>
      <OnChain vault={vault} />
      <Section title="Record">
        <Figures
          of={[
            ['Reliability', <Bps of={operator.reliabilityBps} />],
            ['Steps settled', <Count of={operator.stepsSettled} />],
            ['Jobs taken', <Count of={operator.jobsTaken} />],
            ['Jobs settled', <Count of={operator.jobsSettled} />],
            ['Jobs abandoned', <Count of={operator.jobsAbandoned} />],
            ['Claims voided', <Count of={operator.claimsVoided} />],
            ['Disputes defended', <Count of={operator.disputesDefended} />],
            ['Under way', <Count of={operator.active} />],
            ['Earned', <Ai of={operator.earned} />],
            ['Slashed', <Ai of={operator.slashed} />],
          ]}
        />
      </Section>
      <Section title="Vault">
        <Facts
          of={[
            ['Operator', <AccountLink id={operator.id} />],
            ['Vault', <Address id={vault.id} />],
            ['Own bond', <Ai of={vault.selfBond} />],
            ['Own bond held until', <Ago at={vault.selfBondHeldUntil} />],
            ['Delegated', <Ai of={vault.delegated} />],
            ['Leaving', <Ai of={vault.leaving} />],
            ['Locked', <Ai of={vault.locked} />],
            ['Free', <Ai of={vault.free} />],
            ['Rewards', <Ai of={vault.rewards} />],
            ['Commission', <Bps of={vault.commissionBps} />],
            [
              'Announced commission',
              vault.nextCommissionBps === null ? (
                <None />
              ) : (
                <>
                  <Bps of={vault.nextCommissionBps} /> <Ago at={vault.nextCommissionFrom} />
                </>
              ),
            ],
            ['Delegators', <Count of={vault.delegators} />],
            ['Since', <Ago at={operator.since} />],
            ['Last active', <Ago at={operator.lastActiveAt} />],
          ]}
        />
      </Section>
      <Section title="Attempts">
        <Table
          caption={`The newest of ${operator.attempts.totalCount} attempts`}
          rows={operator.attempts.nodes}
          id={({ id }) => id}
          columns={[
            { head: 'Job', cell: ({ job }) => <JobLink id={job.id} /> },
            { head: 'Outcome', cell: ({ outcome }) => <Status of={outcome} /> },
            { head: 'Reward', number: true, cell: ({ job }) => <Ai of={job.reward} /> },
            {
              head: 'Claim',
              cell: ({ claim }) => (claim ? <ClaimLink id={claim.id} /> : <None />),
            },
            {
              head: 'Penalty',
              number: true,
              wide: true,
              cell: ({ penalty }) => <Ai of={penalty} />,
            },
            { head: 'Taken', number: true, cell: ({ takenAt }) => <Ago at={takenAt} /> },
            {
              head: 'Ended',
              number: true,
              wide: true,
              cell: ({ endedAt }) => <Ago at={endedAt} />,
            },
          ]}
        />
      </Section>
      <Stake vault={vault} />
    </>
  )
}

function Stake({ vault }: { vault: Vault }) {
  return (
    <>
      <Section title="Delegations">
        <Table
          caption={`The largest of ${vault.delegations.totalCount} delegations`}
          rows={vault.delegations.nodes}
          id={({ id }) => id}
          none="Nobody has delegated to it."
          columns={[
            { head: 'Owner', cell: ({ owner }) => <AccountLink id={owner.id} /> },
            { head: 'Put in', number: true, cell: ({ deposited }) => <Ai of={deposited} /> },
            { head: 'Worth now', number: true, cell: ({ assets }) => <Ai of={assets} /> },
          ]}
        />
      </Section>
      <Section title="Locks">
        <Table
          caption={`The newest of ${vault.locks.totalCount} locks`}
          rows={vault.locks.nodes}
          id={({ id }) => id}
          columns={[
            { head: 'Lock', cell: ({ lockId }) => <Hex of={lockId} /> },
            {
              head: 'For',
              cell: ({ attempt }) => (attempt ? <JobLink id={attempt.job.id} /> : <None />),
            },
            { head: 'Amount', number: true, cell: ({ amount }) => <Ai of={amount} /> },
            { head: 'Left', number: true, cell: ({ remaining }) => <Ai of={remaining} /> },
            {
              head: 'Slashed',
              number: true,
              wide: true,
              cell: ({ slashed }) => <Ai of={slashed} />,
            },
            {
              head: 'Locked',
              number: true,
              wide: true,
              cell: ({ lockedAt }) => <Ago at={lockedAt} />,
            },
            { head: 'Ended', number: true, cell: ({ endedAt }) => <Ago at={endedAt} /> },
          ]}
        />
      </Section>
      <Section title="Slashes">
        <Table
          caption={`The newest of ${vault.slashes.totalCount} slashes`}
          rows={vault.slashes.nodes}
          id={({ id }) => id}
          none="Nothing was ever taken from it."
          columns={[
            { head: 'Amount', number: true, cell: ({ amount }) => <Ai of={amount} /> },
            { head: 'Of own bond', number: true, cell: (slash) => <Ai of={slash.fromSelfBond} /> },
            {
              head: 'Of delegations',
              number: true,
              wide: true,
              cell: (slash) => <Ai of={slash.fromDelegated} />,
            },
            {
              head: 'Of what leaves',
              number: true,
              wide: true,
              cell: (slash) => <Ai of={slash.fromLeaving} />,
            },
            {
              head: 'Claim',
              cell: ({ claim }) => (claim ? <ClaimLink id={claim.id} /> : <None />),
            },
            { head: 'Transaction', cell: ({ transaction }) => <Transaction id={transaction} /> },
            { head: 'Time', number: true, cell: ({ timestamp }) => <Ago at={timestamp} /> },
          ]}
        />
      </Section>
      <Section title="Exits">
        <Table
          caption={`The newest of ${vault.exits.totalCount} requests to leave`}
          rows={vault.exits.nodes}
          id={({ id }) => id}
          none="Nobody has asked to leave."
          columns={[
            { head: 'Of', cell: ({ controller }) => <AccountLink id={controller.id} /> },
            { head: 'Shares', number: true, cell: ({ shares }) => <VaultShares of={shares} /> },
            { head: 'Withdrawn', number: true, cell: ({ withdrawn }) => <Ai of={withdrawn} /> },
            { head: 'State', cell: ({ isVoid }) => (isVoid ? 'worthless by slashes' : 'valid') },
            { head: 'Asked', number: true, cell: ({ requestedAt }) => <Ago at={requestedAt} /> },
          ]}
        />
      </Section>
    </>
  )
}

function OnChain({ vault }: { vault: Vault }) {
  const contract = { abi: stakeVaultAbi, address: vault.id as `0x${string}` } as const
  const answer = useChainRead(['vault', vault.id], async (client) => {
    const [selfBond, free, locked] = await Promise.all([
      client.readContract({ ...contract, functionName: 'selfBond' }),
      client.readContract({ ...contract, functionName: 'freeAssets' }),
      client.readContract({ ...contract, functionName: 'lockedAssets' }),
    ])
    return { selfBond, free, locked }
  })
  return (
    <ChainCheck
      answer={answer}
      compare={(onChain) => [
        { what: 'Own bond', indexed: ai(vault.selfBond), onChain: ai(onChain.selfBond) },
        { what: 'Locked', indexed: ai(vault.locked), onChain: ai(onChain.locked) },
        { what: 'Free', indexed: ai(vault.free), onChain: ai(onChain.free) },
      ]}
    />
  )
}
