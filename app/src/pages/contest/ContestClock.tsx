import { useChainNow } from '../../data/useHead.ts'
import { absolute } from '../../format/time.ts'
import { Notice } from '../../ui/Page.tsx'
import { Countdown } from '../../ui/values.tsx'
import type { ContestData } from './query.ts'

/** What a contest waits for at a time of the chain, and until when (docs/spec/judge.md, section 2). */
function stageOf(
  contest: Pick<ContestData, 'verdict' | 'winners' | 'entriesClose' | 'solveSeconds'> & {
    rounds: { nodes: readonly { number: number; opensAt: number; orderBy: number }[] }
  },
  now: number,
): { text: string; until?: number } {
  const { verdict, winners, entriesClose, solveSeconds, rounds } = contest
  if (verdict === 'DECIDED') {
    const names = winners.map((number) => `entrant ${number}`).join(', ')
    return { text: winners.length === 1 ? `Won by ${names}.` : `Won by ${names} together.` }
  }
  if (verdict === 'VOID') return { text: 'Void: nobody can be named, markets on it are void.' }
  if (now <= entriesClose) return { text: 'Open for entries for', until: entriesClose }
  const next = rounds.nodes.find(({ opensAt }) => now < opensAt)
  const ordering = rounds.nodes.find(({ opensAt, orderBy }) => opensAt <= now && now <= orderBy)
  if (ordering !== undefined)
    return {
      text: `Evaluations of round ${ordering.number} can be ordered for`,
      until: ordering.orderBy,
    }
  if (next !== undefined)
    return { text: `Entries are revealed; round ${next.number} opens in`, until: next.opensAt }
  const last = Math.max(entriesClose, ...rounds.nodes.map(({ orderBy }) => orderBy)) + solveSeconds
  return now <= last
    ? { text: 'The last evaluations are solved; a verdict is possible in', until: last }
    : { text: 'Anyone can have it concluded, unless an evaluation is still under way.' }
}

export function ContestClock({ contest }: { contest: ContestData }) {
  const { text, until } = stageOf(contest, useChainNow())
  return (
    <Notice>
      <p>
        {text}{' '}
        {until === undefined ? null : (
          <>
            <Countdown until={until} />, until {absolute(until)}
          </>
        )}
      </p>
    </Notice>
  )
}
