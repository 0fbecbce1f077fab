import { answerKey, useAnswer } from '../data/useAnswer.ts'
import { useLive } from '../data/useLive.ts'
import { abbreviate } from '../format/hex.ts'
import { Bits } from '../ui/Bits.tsx'
import { Facts, Figures } from '../ui/Facts.tsx'
import { AccountLink, ClaimLink, JobLink, OperatorLink } from '../ui/links.tsx'
import { Answered, Page, Section } from '../ui/Page.tsx'
import { Ago, Ai, Count, Ether, Hex, None, Status } from '../ui/values.tsx'
import { Clocks } from './dispute/Clocks.tsx'
import { linesOf, Moves } from './dispute/Moves.tsx'
import { OnChain } from './dispute/OnChain.tsx'
import { DisputeChanges, type DisputeData, DisputeQuery } from './dispute/query.ts'
import { Walk } from './dispute/Walk.tsx'
import { NotFound } from './NotFound.tsx'

/** One dispute as it is walked down, move by move, to one scalar. */
export default function Dispute({ id }: { id: string }) {
  const answer = useAnswer(DisputeQuery, { id })
  const status = answer.data?.dispute?.status
  const isUndecided = status === undefined || status === 'LIVE' || status === 'QUEUED'
  useLive(
    DisputeChanges,
    { id },
    (value, queries) => {
      queries.setQueryData(answerKey(DisputeQuery, { id }), value)
    },
    isUndecided,
  )
  if (answer.data?.dispute === null) {
    return <NotFound what={`There is no dispute ${abbreviate(id, 12, 12)}.`} />
  }
  return (
    <Page
      title={`Dispute ${abbreviate(id)}`}
      aside={status === undefined ? null : <Status of={status} />}
    >
      <Answered answer={answer} height={1500}>
        {({ dispute }) => (dispute === null ? null : <Body dispute={dispute} />)}
      </Answered>
    </Page>
  )
}

function Body({ dispute }: { dispute: DisputeData }) {
  const { claim, job, claimed, right, isInt32 } = dispute
  return (
    <>
      <Clocks dispute={dispute} />
      <OnChain dispute={dispute} />
      <Section title="The walk down">
        <Walk dispute={dispute} />
      </Section>
      <Section title="The scalar">
        <Bits claimed={claimed} right={right} isInt32={isInt32 ?? false} />
      </Section>
      <Section title="What it cost">
        <Figures
          of={[
            ['Gas so far', <Count of={dispute.gas} />],
            ['Transactions', <Count of={linesOf(dispute).length} />],
            ['Bond', <Ether of={dispute.bondWei} />],
            ['Slashed', <Ai of={claim.slashed} />],
            ['Reward', <Ai of={dispute.reward} />],
            ['Costs repaid', <Ai of={dispute.costs} />],
          ]}
        />
      </Section>
      <Section title="Who and what">
        <Facts
          of={[
            ['Id', <Hex of={dispute.id} head={8} tail={8} />],
            ['Claim', <ClaimLink id={claim.id} />],
            ['Job', job === null ? <None /> : <JobLink id={job.id} />],
            ['Challenger', <AccountLink id={dispute.challenger.id} />],
            ['Solver', <AccountLink id={claim.solver} />],
            ['Operator', <OperatorLink id={claim.vault.operator.id} />],
            ['Place among the claim’s disputes', <Count of={dispute.place} />],
            ['Opened', <Ago at={dispute.openedAt} />],
            ['Admitted', <Ago at={dispute.admittedAt} />],
            ['Decided', <Ago at={dispute.decidedAt} />],
            ['Bond given back', <Ether of={dispute.bondReturnedWei} />],
            ['Of a lost bond, to the solver', <Ether of={dispute.bondToSolverWei} />],
            ['Of a lost bond, burned', <Ether of={dispute.bondBurnedWei} />],
          ]}
        />
      </Section>
      <Section title="Moves">
        <Moves dispute={dispute} />
      </Section>
    </>
  )
}
