import { absolute, duration } from '../../format/time.ts'
import { Facts } from '../../ui/Facts.tsx'
import { AccountLink, SeriesLink } from '../../ui/links.tsx'
import { Transaction } from '../../ui/onChain.tsx'
import { Ago, Ai, Foreign, Hex } from '../../ui/values.tsx'
import type { ContestData } from './query.ts'

/** What fixes a contest. */
export function ContestFacts({ contest }: { contest: ContestData }) {
  const { series, concludedAt } = contest
  return (
    <Facts
      of={[
        ['Id', <Hex of={contest.id} />],
        ['Opened by', <AccountLink id={contest.opener.id} />],
        ['Opened', <Ago at={contest.openedAt} />],
        ['By transaction', <Transaction id={contest.transaction} />],
        ['Series', series === null ? undefined : <SeriesLink id={series.id} />],
        ['Entries close', absolute(contest.entriesClose)],
        ['Concluded', concludedAt === null ? undefined : <Ago at={concludedAt} />],
        ['Attester', <AccountLink id={contest.attester} />],
        ['Reward of an evaluation', <Ai of={contest.reward} />],
        ['Stake of its solver', <Ai of={contest.stake} />],
        ['Time to work', duration(contest.workSeconds)],
        ['Time to solve', duration(contest.solveSeconds)],
        ['Artifacts at', <Foreign text={contest.uri} />],
      ]}
    />
  )
}
