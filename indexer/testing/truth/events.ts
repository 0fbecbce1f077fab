import type { Row } from './answers.ts'
import { eventId, type Happened, type Story } from './story.ts'

/** What names a subject in the arguments of events. */
interface Named {
  readonly job?: bigint
  readonly claim?: bigint
  readonly dispute?: bigint
  readonly vault?: string
  readonly lockId?: string
  readonly input?: { readonly vault: string }
  readonly contest?: bigint
  readonly entrant?: bigint
  readonly round?: bigint
  readonly market?: bigint
  readonly series?: bigint
  readonly epoch?: bigint
  readonly id?: bigint
  readonly to?: bigint
}

/** Every event, with what it is about. */
export function eventsOf(story: Story): Row[] {
  const taken = story.of('jobRegistry', 'JobTaken')
  const claimed = story.of('jobRegistry', 'JobClaimed')
  const ordered = story.of('judge', 'EvaluationOrdered')
  const judge = story.network.contracts.judge.toLowerCase()
  const contestOf = new Map<bigint, bigint>(
    story
      .of('delphi', 'MarketCreated')
      .flatMap(({ args: { market, terms } }) =>
        terms.source === judge ? [[market, terms.contest] as const] : [],
      ),
  )
  const epochs = new Map<string, bigint>(
    story
      .of('perpetual', 'ContestOpened')
      .map(({ args }) => [`${args.series}-${args.epoch}`, args.contest] as const),
  )
  const pools = new Map<string, bigint>(
    story
      .of('perpetual', 'MarketOpened')
      .map(({ args }) => [`${args.series}-${args.epoch}`, args.market] as const),
  )

  return story.events.map((event) => {
    const { contract, name } = event
    const args = event.args as Named
    const lock = args.lockId === undefined || contract !== 'vault' ? undefined : args.lockId
    const attempt = taken.find(
      (one) => one.args.lockId === lock && one.args.vault === event.address,
    )
    const ofLock = claimed.find(
      (one) =>
        one.args.job === attempt?.args.job &&
        one.args.attempt === attempt.args.attempt &&
        eventId(one) < eventId(event),
    )
    const claim =
      args.claim ?? (args.dispute === undefined ? ofLock?.args.claim : args.dispute >> 32n) ?? null
    const ofClaim = claimed.find((one) => one.args.claim === claim)
    const evaluation = ordered.find(
      (one) =>
        contract === 'judge' &&
        one.args.contest === args.contest &&
        one.args.entrant === args.entrant &&
        one.args.round === args.round,
    )
    const epoch = `${args.series}-${args.epoch}`
    const market =
      contract === 'delphi' && name === 'Transfer'
        ? args.id! >> 16n
        : name === 'PositionRolled'
          ? args.to! >> 16n
          : (args.market ?? (name === 'MarketClosed' ? pools.get(epoch)! : null))
    return {
      ...{ id: eventId(event), contract, name, address: event.address, args: plain(event.args) },
      ...{ block: event.block, timestamp: event.timestamp, logIndex: event.logIndex },
      ...{ transaction: event.transaction, sender: event.sender, claim },
      job: args.job ?? ofClaim?.args.job ?? attempt?.args.job ?? evaluation?.args.job ?? null,
      dispute: args.dispute ?? null,
      vault: vaultOf(event, args, name === 'JobClaimed' ? ofClaim : undefined),
      contest:
        args.contest ??
        (contract === 'perpetual' && name === 'MarketOpened' ? epochs.get(epoch)! : undefined) ??
        (contract === 'delphi' ? contestOf.get(market!) : null) ??
        null,
      ...{ market, series: args.series ?? null },
    }
  })

  function vaultOf(
    { contract, address }: Happened,
    { vault, input }: Named,
    claim: (typeof claimed)[number] | undefined,
  ): string | null {
    if (contract === 'vault') return address
    const attempt = taken.find(
      ({ args }) => args.job === claim?.args.job && args.attempt === claim.args.attempt,
    )
    return vault ?? input?.vault ?? attempt?.args.vault ?? null
  }
}

/** As JSON, whole numbers of 54 bits and more as text. */
export const plain = (args: unknown): unknown =>
  JSON.parse(
    JSON.stringify(args, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  )
