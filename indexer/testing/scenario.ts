import { Book } from '@lockstep/deployments/protocol'
import { Random } from '@lockstep/deployments/testing'
import { zeroAddress } from 'viem'
import type { FakeChain } from './chain.ts'
import { type Contest, enter, judge, openContest } from './contests.ts'
import { challenge, type Dispute, dropClosed, play } from './disputes.ts'
import {
  addLiquidity,
  createMarket,
  listOutcome,
  type Market,
  mintSets,
  resolve,
  trade,
} from './markets.ts'
import { type Basket, rollOn, type Series, weave } from './pools.ts'
import { bond, deposit, leave, openVault, type Vault, withdraw } from './stake.ts'
import {
  abandon,
  type Claim,
  commit,
  type Computation,
  type Job,
  post,
  reopen,
  settle,
  take,
} from './work.ts'
import { account, ACCOUNTS, AI, FAKE_DEPLOYMENT, Writer } from './world.ts'

/** All that the fake contracts hold. */
interface World {
  serial: number
  vaults: Vault[]
  jobs: Job[]
  computations: Computation[]
  claims: Claim[]
  disputes: Dispute[]
  contests: Contest[]
  markets: Market[]
  series: Series[]
  baskets: Basket[]
}

type Act = (w: Writer, world: World) => void

/** What happens, and how often: mostly trades and transfers, as on the devnets of the demos. */
const ACTS: readonly (readonly [number, Act])[] = [
  [
    10,
    (w) => {
      transfer(w)
    },
  ],
  [
    1,
    (w, { vaults }) => {
      openVault(w, vaults)
    },
  ],
  [
    1,
    (w, { vaults }) => {
      bond(w, vaults)
    },
  ],
  [
    5,
    (w, { vaults }) => {
      deposit(w, vaults)
    },
  ],
  [
    2,
    (w, { vaults }) => {
      leave(w, vaults)
    },
  ],
  [
    1,
    (w, { vaults }) => {
      withdraw(w, vaults)
    },
  ],
  [6, (w, { jobs, computations }) => post(w, jobs, computations)],
  [
    8,
    (w, { jobs, vaults }) => {
      take(w, jobs, vaults)
    },
  ],
  [
    8,
    (w, { jobs, claims }) => {
      commit(w, jobs, claims)
    },
  ],
  [
    2,
    (w, { claims, disputes }) => {
      challenge(w, claims, disputes)
    },
  ],
  [
    14,
    (w, { disputes }) => {
      play(w, disputes)
    },
  ],
  [
    1,
    (w, { jobs }) => {
      abandon(w, jobs)
    },
  ],
  [
    6,
    (w, { jobs }) => {
      settle(w, jobs)
    },
  ],
  [
    2,
    (w, { jobs }) => {
      reopen(w, jobs)
    },
  ],
  [
    1,
    (w, { contests }) => {
      openContest(w, contests)
    },
  ],
  [
    4,
    (w, { contests }) => {
      enter(w, contests)
    },
  ],
  [
    8,
    (w, { contests, jobs, computations }) => {
      judge(w, contests, jobs, computations)
    },
  ],
  [
    1,
    (w, { markets, contests }) => {
      createMarket(w, markets, contests)
    },
  ],
  [
    40,
    (w, { markets }) => {
      trade(w, markets)
    },
  ],
  [
    1,
    (w, { markets }) => {
      mintSets(w, markets)
    },
  ],
  [
    1,
    (w, { markets }) => {
      addLiquidity(w, markets)
    },
  ],
  [
    1,
    (w, { markets }) => {
      listOutcome(w, markets)
    },
  ],
  [
    1,
    (w, { markets }) => {
      resolve(w, markets)
    },
  ],
  [
    2,
    (w, { series, contests, markets }) => {
      rollOn(w, series, contests, markets)
    },
  ],
  [
    2,
    (w, { baskets, markets }) => {
      weave(w, baskets, markets)
    },
  ],
  [
    3,
    (w, { disputes }) => {
      w.together(account(w.random.below(ACCOUNTS)), () => {
        for (let i = 0; i < 4; i++) {
          play(w, disputes)
          dropClosed(disputes.slice(-60))
        }
      })
    },
  ],
]
const WEIGHTS = ACTS.reduce((sum, [weight]) => sum + weight, 0)

function transfer(w: Writer): void {
  const [from, to] = [account(w.random.below(ACCOUNTS)), account(w.random.below(ACCOUNTS))]
  w.pay(from, to, w.random.magnitude(100n * AI))
  w.send(from, FAKE_DEPLOYMENT.contracts.token)
}

/** Writes a chain block by block, from a seed; it can take blocks back and go on differently. */
export class Scenario {
  readonly chain: FakeChain
  events = 0
  #world: World
  readonly #random: Random
  /** Worlds after the newest blocks: what a reorganisation goes back to. */
  readonly #history: { world: World; events: number }[] = []
  #salt = 0

  constructor(chain: FakeChain, seed: number) {
    this.chain = chain
    this.#random = new Random(seed)
    this.#world = {
      ...{ serial: seed * 1_000_000, vaults: [], jobs: [], computations: [], claims: [] },
      ...{ disputes: [], contests: [], markets: [], series: [], baskets: [] },
    }
    this.#write((w) => {
      w.pay(zeroAddress, account(0), 10n ** 28n)
      for (let i = 1; i < ACCOUNTS; i++) w.pay(account(0), account(i), 10n ** 26n)
      const parameters = {
        ...{ window: 7_200, solverBudget: 900, challengerBudget: 900, extension: 60 },
        ...{ heavyExtension: 600, liveLimit: 8, challengerBps: 2_500, burnBps: 5_000 },
        ...{ bondWei: AI / 10n, costs: AI, treasury: account(1) },
      }
      w.emit('verdeParameters', 'ParametersSet', { version: 1, parameters })
      w.send(account(0), FAKE_DEPLOYMENT.contracts.token)
    }, 0)
  }

  /** A block of so many events, or a few more. */
  block(events: number, options: { keep?: number } = {}): void {
    const { keep = 8 } = options
    if (keep > 0) {
      this.#history.push({ world: clone(this.#world), events: this.events })
      if (this.#history.length > keep) this.#history.shift()
    }
    this.#write((w) => {
      while (count(w) < events) this.#act(w)
    }, this.#salt)
  }

  /** Takes the newest blocks back and writes as many others, and one more. */
  reorganise(depth: number, events: number): void {
    const { world, events: before } = this.#history[this.#history.length - depth]
    this.#world = clone(world)
    this.events = before
    this.#history.splice(this.#history.length - depth)
    this.chain.drop(depth)
    this.#salt++
    for (let i = 0; i <= depth; i++) this.block(events)
  }

  #act(w: Writer): void {
    let at = this.#random.below(WEIGHTS)
    for (const [weight, act] of ACTS) {
      at -= weight
      if (at >= 0) continue
      act(w, this.#world)
      dropClosed(this.#world.disputes.slice(-60))
      return
    }
  }

  #write(fill: (w: Writer) => void, salt: number): void {
    const now = this.chain.head.timestamp + 1 + this.#random.below(60)
    const w = new Writer(this.#random, now, this.#world.serial)
    fill(w)
    this.#world.serial = w.serial
    this.events += count(w)
    this.chain.append(w.transactions, now, salt)
  }
}

const count = (w: Writer): number => w.transactions.reduce((sum, { logs }) => sum + logs.length, 0)

/** Copies keep what is shared between the lists. */
function clone(world: World): World {
  const copy = structuredClone(world)
  for (const market of copy.markets) {
    const { curve, quantities, sets, pot } = market.book
    market.book = Object.assign(new Book(curve.b, quantities.length), { curve, sets, pot })
    market.book.quantities.splice(0, quantities.length, ...quantities)
  }
  return copy
}
