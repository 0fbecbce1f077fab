import { type PackedPosition, type Position, unpackPosition } from '@lockstep/deployments/protocol'
import { decodeNode, fromHex } from '@lockstep/repops'
import { type Address, formatEther, type Hex } from 'viem'
import { claimOfDispute } from '../chain/claims.ts'
import type { Happening, ProtocolEvent } from './network.ts'

/** A job as the demo reports it. Amounts are $AI. */
export interface JobRecord {
  readonly id: number
  readonly computation: string
  solver: string
  status: 'open' | 'taken' | 'claimed' | 'settled'
  lossFirst: number | null
  lossLast: number | null
  paid: string
}

/** Where a dispute ended. */
export interface DisputePath {
  checkpoint: number
  step: number
  node: number
  operator: string
  element: number
  segment: number
}

/** A dispute as the demo reports it. Amounts are $AI. */
export interface DisputeRecord {
  readonly job: number
  winner: 'challenger' | 'solver' | null
  slashed: string
  challengerReward: string
  transactions: number
  gas: number
  readonly path: DisputePath
}

/**
 * Turns what happens on the chain into lines for people and into the records of the final report. It keeps no
 * other source: what it tells is what anyone can read from the chain.
 */
export class Story {
  readonly jobs: JobRecord[] = []
  readonly disputes: DisputeRecord[] = []
  readonly #names: ReadonlyMap<string, string>
  readonly #tell: (line: string) => void
  readonly #jobOfClaim = new Map<bigint, JobRecord>()
  readonly #disputes = new Map<bigint, DisputeRecord>()
  readonly #positions = new Map<bigint, Position>()

  /** @param names what to call an account, by its address in lower case */
  constructor(names: ReadonlyMap<string, string>, tell: (line: string) => void) {
    this.#names = names
    this.#tell = tell
  }

  /** The job that a claim was made for; undefined before it is known. */
  jobOf(claim: bigint): JobRecord | undefined {
    return this.#jobOfClaim.get(claim)
  }

  read(happening: Happening): void {
    for (const event of happening.events) this.#readJob(event)
    const moved = new Set([
      ...happening.events.flatMap((event) => disputeOf(event) ?? []),
      ...answered(happening),
    ])
    for (const dispute of moved) this.#readDispute(dispute, happening)
    for (const event of happening.events) this.#readOutcome(event)
  }

  #readJob(event: ProtocolEvent): void {
    switch (event.eventName) {
      case 'JobPosted': {
        const { job, submitter, terms } = event.args
        this.jobs[Number(job) - 1] = {
          id: Number(job),
          computation: event.args.computation,
          solver: '',
          status: 'open',
          lossFirst: null,
          lossLast: null,
          paid: '0',
        }
        this.#tell(
          `job ${job} posted by ${this.#name(submitter)}: ${ai(terms.reward)} in escrow, stake wanted ${ai(terms.stake)}`,
        )
        break
      }
      case 'JobTaken': {
        const { job, solver } = event.args
        const record = this.#job(job)
        record.solver = solver
        record.status = 'taken'
        this.#tell(`job ${job} taken by ${this.#name(solver)}, stake locked`)
        break
      }
      case 'JobClaimed': {
        const { job, claim, finalStateRoot } = event.args
        const record = this.#job(job)
        record.status = 'claimed'
        this.#jobOfClaim.set(claim, record)
        this.#tell(
          `job ${job} claimed: final state ${short(finalStateRoot)}, the challenge window is open`,
        )
        break
      }
      case 'JobReopened': {
        const record = this.#job(event.args.job)
        record.status = 'open'
        this.#tell(`job ${event.args.job} is open again, its escrow untouched`)
        break
      }
      case 'JobSettled': {
        const { job, paid, fee } = event.args
        const record = this.#job(job)
        record.status = 'settled'
        record.paid = formatEther(paid)
        this.#tell(
          `job ${job} settled: ${ai(paid)} paid to ${this.#name(record.solver as Address)}, fee ${ai(fee)}`,
        )
        break
      }
    }
  }

  #readDispute(id: bigint, { call, events, gas }: Happening): void {
    let record = this.#disputes.get(id)
    if (record === undefined) {
      const job = this.#jobOfClaim.get(claimOfDispute(id))
      record = {
        job: job?.id ?? 0,
        winner: null,
        slashed: '0',
        challengerReward: '0',
        transactions: 0,
        gas: 0,
        path: { checkpoint: 0, step: 0, node: 0, operator: '', element: 0, segment: 0 },
      }
      this.#disputes.set(id, record)
      this.disputes.push(record)
    }
    record.transactions += 1
    record.gas += Number(gas)

    const before = this.#positions.get(id)
    const after = events.map((event) => positionIn(event, id)).find((found) => found !== undefined)
    if (after !== undefined) this.#positions.set(id, after)
    const at = after ?? before
    if (at !== undefined) {
      record.path.checkpoint = at.interval
      record.path.step = at.step
    }
    for (const argument of call?.args ?? []) readArgument(argument, record.path)
    // In Pick, the argument after the posted values is the picked one: inside the block that was picked before.
    if (call?.functionName === 'pickPartial' || call?.functionName === 'provePartial') {
      const index = call.args[3]
      const block = before !== undefined && before.level === 1 ? before.segment * 256 : 0
      record.path.segment = block + index
    }
    this.#tell(
      `  ${(call?.functionName ?? 'moved').padEnd(16)} ${describe(call?.functionName, at, record.path)}`.trimEnd() +
        `  (${gas.toLocaleString('en')} gas)`,
    )
  }

  #readOutcome(event: ProtocolEvent): void {
    switch (event.eventName) {
      case 'DisputeDecided': {
        const record = this.#disputes.get(event.args.dispute)
        if (record !== undefined) record.winner = event.args.challengerWon ? 'challenger' : 'solver'
        this.#positions.delete(event.args.dispute)
        this.#tell(
          `  judged: the ${event.args.challengerWon ? 'challenger' : 'solver'} wins the dispute`,
        )
        break
      }
      case 'ClaimVoided': {
        const { dispute, reserved, toChallenger, burned, toTreasury } = event.args
        const slashed = reserved + toChallenger + burned + toTreasury
        const record = this.#disputes.get(dispute)
        if (record !== undefined) record.slashed = formatEther(slashed)
        this.#tell(
          `  slashed ${ai(slashed)}: ${ai(toChallenger)} to the challenger, ${ai(burned)} burned, ${ai(toTreasury)} to the treasury`,
        )
        break
      }
      case 'RewardPaid': {
        const record = this.#disputes.get(event.args.dispute)
        if (record !== undefined) record.challengerReward = formatEther(event.args.amount)
        break
      }
      case 'Withdrawn': {
        const { account, amountWei, amountAi } = event.args
        this.#tell(
          `  ${this.#name(account)} withdraws ${ai(amountAi)} and a bond of ${formatEther(amountWei)} ether`,
        )
        break
      }
    }
  }

  #job(id: bigint): JobRecord {
    const record = this.jobs.at(Number(id) - 1)
    if (record === undefined) throw new Error(`job ${id} was never posted`)
    return record
  }

  #name(address: Address): string {
    return withArticle(this.#names.get(address.toLowerCase()) ?? address)
  }
}

function disputeOf(event: ProtocolEvent): bigint | undefined {
  switch (event.eventName) {
    case 'Challenged':
    case 'Moved':
    case 'DisputeDecided':
      return event.args.dispute
    default:
      return undefined
  }
}

/** An answer belongs to the claim; the call names the dispute that it was given in. */
function answered({ call }: Happening): bigint[] {
  return call?.functionName === 'commitSteps' || call?.functionName === 'commitGraph'
    ? [call.args[0]]
    : []
}

function positionIn(event: ProtocolEvent, dispute: bigint): Position | undefined {
  if (event.eventName !== 'Moved' && event.eventName !== 'Challenged') return undefined
  if (event.args.dispute !== dispute) return undefined
  return unpackPosition(event.args.position as PackedPosition)
}

// The contract has checked the node; these are the widest bounds that a program can have.
const MOST = { states: 2 ** 20, constants: 2 ** 16 }

/** Node and element openings are structs among the arguments; they tell what the walk has come to. */
function readArgument(argument: unknown, path: DisputePath): void {
  if (typeof argument !== 'object' || argument === null) return
  if ('encoding' in argument && 'node' in argument) {
    path.node = Number(argument.node)
    path.operator = decodeNode(fromHex(argument.encoding as Hex), { node: path.node, ...MOST }).op
  }
  if ('element' in argument) path.element = Number(argument.element)
}

function describe(move: string | undefined, at: Position | undefined, path: DisputePath): string {
  const node = `node ${path.node} (${path.operator}), element ${path.element}`
  switch (move) {
    case 'challenge':
    case 'openInterval':
      return `checkpoint ${path.checkpoint} is agreed on, checkpoint ${path.checkpoint + 1} is not`
    case 'commitSteps':
      return `the solver commits to the states inside the interval`
    case 'pickStep':
      return `step ${path.step} is the first one that differs`
    case 'commitGraph':
      return `the solver commits to the outputs of all operators of step ${path.step}`
    case 'openNode':
      return `node ${path.node} (${path.operator}) is the first operator that differs`
    case 'openElement':
    case 'openNodeElement':
      return `${node}: ${at === undefined ? '' : bits(at.value)} claimed`
    case 'commitPartials':
      return `the solver commits to the partial sums`
    case 'pickPartial':
    case 'provePartial':
      return `${node}, segment ${path.segment}: recomputed on chain`
    case 'prove':
    case 'proveElement':
      return `${node}: recomputed on chain`
    default:
      return ''
  }
}

function bits(value: number): string {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, value)
  return `0x${value.toString(16).padStart(8, '0')} = ${view.getFloat32(0)}`
}

const ai = (amount: bigint): string => `${formatEther(amount)} $AI`
const short = (root: Hex): string => `${root.slice(0, 10)}…`

/** What to call somebody in a sentence: `the solver`, but `Ada` and `0x…`. */
export const withArticle = (name: string): string => (/^[a-z]/.test(name) ? `the ${name}` : name)
