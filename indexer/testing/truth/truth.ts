import type { TestNetwork } from '../../../keepers/src/testing/network.ts'
import type { Played } from '../devnet/play.ts'
import { answerFrom, type Objects, type Row } from './answers.ts'
import { contestsOf, poolsOf } from './contests.ts'
import { disputesOf } from './disputes.ts'
import { eventsOf } from './events.ts'
import { marketsOf, positionsOf } from './markets.ts'
import { networkOf } from './network.ts'
import { stakeOf } from './stake.ts'
import { Story } from './story.ts'
import { workOf } from './work.ts'

/** What has to be answered to any question about a devnet on which nothing happens any more. */
export class Truth {
  readonly objects: Objects
  readonly story: Story
  readonly #clock: { now: number }

  private constructor(story: Story, objects: Objects, clock: { now: number }) {
    this.story = story
    this.objects = objects
    this.#clock = clock
  }

  static async read(network: TestNetwork, played: Played): Promise<Truth> {
    const story = await Story.read(network)
    const clock = { now: story.head.timestamp }
    const now = (): number => clock.now
    const work = await workOf(story, now)
    const disputes = await disputesOf(story, played, now)
    const markets = await marketsOf(story, now)
    const objects = {
      ...{ ...work, ...disputes, ...markets, Event: eventsOf(story) },
      ...(await stakeOf(story, { ...work, ...disputes })),
      ...(await positionsOf(story, markets)),
      ...(await contestsOf(story)),
      ...(await poolsOf(story)),
    }
    const whole = { ...objects, ...(await networkOf(story, objects)) }
    return new Truth(story, whole, clock)
  }

  /** The answer at a time on the chain. */
  async at(now: number, document: string, variables: Readonly<Record<string, unknown>> = {}) {
    this.#clock.now = now
    const { chainId, contracts } = this.story.network.devnet.deployment
    const meta = {
      ...{ chainId, contracts, isSynced: true, version: '1.0.0', block: this.story.head },
      // The chain's clock was put forward.
      ageSeconds: 0,
    }
    const search = (text: string) => this.#search(text.trim().toLowerCase())
    return answerFrom(this.objects, { meta, search }, document, variables)
  }

  /** Objects with this number, with an id or of a transaction that begins so; the newest ten. */
  #search(text: string): (readonly [string, Row['id']])[] {
    const begin = /^(0x)?[\da-f]{6,64}$/.test(text) ? `0x${text.replace(/^0x/, '')}` : 'none'
    const of = (type: string, time: string, is: (row: Row) => boolean) =>
      this.objects[type].filter(is).map((row) => ({ type, id: row.id, time: Number(row[time]) }))
    const events = this.objects.Event
    return [
      ...NUMBERED.flatMap(([type, time]) => of(type, time, ({ id }) => String(id) === text)),
      ...HASHED.flatMap(([type, time]) => of(type, time, ({ id }) => String(id).startsWith(begin))),
      ...of('Event', 'timestamp', (row) => {
        const first = events.find(({ transaction }) => transaction === row.transaction)
        return first === row && String(row.transaction).startsWith(begin)
      }),
    ]
      .sort((a, b) => b.time - a.time)
      .slice(0, 10)
      .map(({ type, id }) => [type, id] as const)
  }
}

/** What a search finds by number, and by the beginning of its id; with the field that says how new it is. */
const NUMBERED = [
  ['Job', 'postedAt'],
  ['Claim', 'madeAt'],
  ['Dispute', 'openedAt'],
  ['Contest', 'openedAt'],
  ['Market', 'createdAt'],
  ['Series', 'createdAt'],
] as const
const HASHED = [
  ['Account', 'firstSeenAt'],
  ['Operator', 'since'],
  ['Vault', 'createdAt'],
  ['Model', 'firstRevealedAt'],
] as const
