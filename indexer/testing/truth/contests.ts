import { basketAbi, judgeAbi, perpetualAbi } from '@lockstep/deployments'
import { zeroHash } from 'viem'
import type { Objects, Row } from './answers.ts'
import { plain } from './events.ts'
import { count, type Story, sum } from './story.ts'

/** `contests` of Judge. */
interface StoredContest {
  readonly evaluator: string
  readonly entriesClose: number
  readonly maxEntrants: number
  readonly entrants: number
  readonly rounds: number
  readonly verdict: number
  readonly attester: string
  readonly workSeconds: number
  readonly solveSeconds: number
  readonly reward: bigint
  readonly stake: bigint
  readonly winners: bigint
}

/** `Verdict` of IContest.sol; what is held is pending. */
const VERDICTS = ['PENDING', 'PENDING', 'DECIDED', 'VOID']

/** Evaluators, contests with all that is in them, models. */
export async function contestsOf(story: Story): Promise<Objects> {
  const ask = async <T>(name: string, ...args: unknown[]) =>
    story.view<T>(judgeAbi, story.network.contracts.judge, name, args)
  const opened = story.of('judge', 'ContestOpened')
  const [rounds, entrants]: [Row[], Row[]] = [[], []]

  const contests = opened.map(async ({ args, timestamp, transaction }) => {
    const { contest: id, opener, terms } = args
    const c = await ask<StoredContest>('contests', id)
    const of = <T extends { readonly args: { readonly contest: bigint } }>(events: readonly T[]) =>
      events.filter((one) => one.args.contest === id)
    const verdict = VERDICTS[c.verdict]
    const winners = range(c.entrants).filter((i) => (c.winners >> BigInt(i)) & 1n)
    for (const number of range(c.rounds)) {
      const r = await ask<
        Record<'testSet' | 'root', string> & Record<'opensAt' | 'orderBy', number>
      >('roundOf', id, number)
      const shown = of(story.of('judge', 'TestSetRevealed')).find(
        (one) => one.args.round === BigInt(number),
      )
      rounds.push({
        ...{ id: `${id}-${number}`, contest: id, number, testSet: r.testSet },
        root: r.root === zeroHash ? null : r.root,
        ...{ opensAt: r.opensAt, orderBy: r.orderBy, revealedAt: shown?.timestamp ?? null },
      })
    }
    for (const number of range(c.entrants)) {
      const e = await ask<
        Record<'owner' | 'commitment' | 'root', string> & { total: bigint; scored: number }
      >('entrantOf', id, number)
      const own = <
        T extends { readonly args: { readonly contest: bigint; readonly entrant: bigint } },
      >(
        events: readonly T[],
      ) => of(events).filter((one) => one.args.entrant === BigInt(number))
      const entered = own(story.of('judge', 'Entered'))[0]
      const { provenance } = entered.args
      entrants.push({
        ...{ id: `${id}-${number}`, contest: id, number, owner: e.owner, commitment: e.commitment },
        provenance: provenance === zeroHash ? null : provenance,
        ...{ model: e.root === zeroHash ? null : e.root, scored: e.scored },
        total: e.scored === 0 ? null : e.total,
        isWinner: winners.includes(number),
        escrowReturned: sum(own(story.of('judge', 'EscrowReturned')).map((one) => one.args.amount)),
        ...{ enteredAt: entered.timestamp, transaction: entered.transaction },
        revealedAt: own(story.of('judge', 'EntryRevealed')).at(0)?.timestamp ?? null,
      })
    }
    const epoch = of(story.of('perpetual', 'ContestOpened')).at(0)
    return {
      ...{ id, opener, verdict, winners, evaluator: c.evaluator, attester: c.attester },
      ...{ maxEntrants: c.maxEntrants, entriesClose: c.entriesClose, workSeconds: c.workSeconds },
      ...{ solveSeconds: c.solveSeconds, reward: c.reward, stake: c.stake, uri: terms.uri },
      ...{ roundCount: c.rounds, entrantCount: c.entrants, series: epoch?.args.series ?? null },
      ...{ openedAt: timestamp, transaction },
      concludedAt: of(story.of('judge', 'Concluded')).at(0)?.timestamp ?? null,
    }
  })

  const known = await Promise.all(contests) // and with them what is in them

  const evaluators = story.of('judge', 'EvaluatorRegistered').map(({ args, timestamp }) => ({
    ...args.terms,
    ...{ id: args.evaluator, steps: BigInt(args.terms.steps), registeredAt: timestamp },
    contestCount: count(opened, (one) => one.args.evaluator === args.evaluator),
  }))

  const evaluations = story.of('judge', 'EvaluationOrdered').map(({ args, timestamp }) => {
    const { contest, entrant, round, job } = args
    const own = <T extends { readonly args: Record<'contest' | 'entrant' | 'round', bigint> }>(
      events: readonly T[],
    ) =>
      events.find(
        (one) =>
          one.args.contest === contest && one.args.entrant === entrant && one.args.round === round,
      )
    const reported = own(story.of('judge', 'EvaluationReported'))
    const dropped = own(story.of('judge', 'EvaluationDropped'))
    return {
      ...{ id: `${contest}-${entrant}-${round}`, contest, entrant: `${contest}-${entrant}` },
      ...{ round: `${contest}-${round}`, job, orderedAt: timestamp },
      status: reported ? 'REPORTED' : dropped ? 'DROPPED' : 'ORDERED',
      score: reported?.args.score ?? null,
      reportBy: own(story.of('judge', 'NoticeGiven'))?.args.reportBy ?? null,
      endedAt: (reported ?? dropped)?.timestamp ?? null,
    }
  })

  const revealed = story.of('judge', 'EntryRevealed')
  const models = [...new Set(revealed.map(({ args }) => args.root))].map((id) => {
    const entries = revealed.filter(({ args }) => args.root === id)
    const [first, ...others] = entries.map(
      ({ args }) => entrants.find((one) => one.id === `${args.contest}-${args.entrant}`)!,
    )
    return {
      ...{ id, owner: first.owner, provenance: first.provenance },
      ...{ firstRevealedAt: entries[0].timestamp, entryCount: entries.length },
      wins: count([first, ...others], ({ isWinner }) => isWinner === true),
    }
  })
  return {
    Contest: known,
    ...{ Round: rounds, Entrant: entrants, Evaluator: evaluators },
    ...{ Evaluation: evaluations, Model: models },
  }
}

/** Series with their epochs, and baskets. */
export async function poolsOf(story: Story): Promise<Objects> {
  const { perpetual, basket } = story.network.devnet.deployment.contracts
  const ask = async <T>(name: string, ...args: unknown[]) =>
    story.view<T>(perpetualAbi, perpetual, name, args)
  type Held = Record<'contest' | 'market' | 'liquidityShares' | 'curatorPaid', bigint>

  const epochs = await Promise.all(
    story.of('perpetual', 'ContestOpened').map(async ({ args, timestamp }) => {
      const { series, epoch } = args
      const held = await ask<Held>('epochOf', series, epoch)
      const closed = story
        .of('perpetual', 'MarketClosed')
        .find((one) => one.args.series === series && one.args.epoch === epoch)
      return {
        ...{ id: `${series}-${epoch}`, series, number: Number(epoch), contest: held.contest },
        ...{ market: held.market === 0n ? null : held.market, subsidy: held.liquidityShares },
        ...{ returned: closed?.args.back ?? null, openedAt: timestamp, paid: held.curatorPaid },
      }
    }),
  )
  const series = story.of('perpetual', 'SeriesCreated').map(async ({ args, ...at }) => {
    const { series: id, terms } = args
    const s = await ask<
      Record<'startsAt' | 'epochSeconds' | 'opened', number> & {
        readonly shares: bigint
        readonly curator: string
        readonly isWoundUp: boolean
      }
    >('seriesOf', id)
    return {
      ...{ id, curator: s.curator, evaluator: terms.evaluator, startsAt: s.startsAt },
      ...{ epochSeconds: s.epochSeconds, terms: plain(terms), shares: s.shares },
      ...{ epochCount: s.opened, isWoundUp: s.isWoundUp },
      ...{ createdAt: at.timestamp, transaction: at.transaction },
      curatorPaid: sum(epochs.filter((one) => one.series === id).map(({ paid }) => paid)),
    }
  })
  const made = story.of('basket', 'BasketMade')
  const baskets = [...new Set(made.map(({ args }) => args.basket))].map(async (id) => {
    const first = made.find(({ args }) => args.basket === id)!
    const supply = await story.view<bigint>(basketAbi, basket, 'supplyOf', [id])
    return { id, legs: plain(first.args.legs), supply, madeAt: first.timestamp }
  })
  return { Series: await Promise.all(series), Epoch: epochs, Basket: await Promise.all(baskets) }
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i)
