import { verdeAbi, verdeParametersAbi } from '@lockstep/deployments'
import {
  DISPUTE_STATUSES,
  MOVES,
  PHASES,
  type Position,
  unpackPosition,
} from '@lockstep/deployments/protocol'
import { Execution, outputOf, reference, segments } from '@lockstep/repops'
import { type Hex, numberToHex } from 'viem'
import { reportDispute } from '../../../keepers/src/chain/dispute-report.ts'
import type { Lie } from '../devnet/disputes.ts'
import type { Played } from '../devnet/play.ts'
import type { Objects, Row } from './answers.ts'
import { type Happened, type Story, sum } from './story.ts'

/** Disputes, their moves and the parameters; `now` tells the time on the chain. */
export async function disputesOf(
  story: Story,
  played: Played,
  now: () => number,
): Promise<Objects> {
  const moves: Row[] = []
  const disputes = story.of('verde', 'Challenged').map(async (challenged) => {
    const id = challenged.args.dispute
    const own = movesOf(story, id)
    moves.push(...own)
    return disputeOf(story, challenged, own, { played, now })
  })
  const versions = story.of('verdeParameters', 'ParametersSet').map(async ({ args, timestamp }) => {
    const { verdeParameters } = story.network.devnet.deployment.contracts
    const set = await story.view<object>(verdeParametersAbi, verdeParameters, 'get', [args.version])
    return { ...set, id: args.version, setAt: timestamp }
  })
  return {
    Dispute: await Promise.all(disputes),
    Move: moves,
    VerdeParameters: await Promise.all(versions),
  }
}

type Challenged = Happened<{
  readonly claim: bigint
  readonly dispute: bigint
  readonly challenger: Hex
}>
type MoveRow = Row & { readonly position: readonly Hex[]; readonly name: string }

async function disputeOf(
  story: Story,
  { args: { claim, dispute: id, challenger }, timestamp }: Challenged,
  moves: readonly MoveRow[],
  { played, now }: { readonly played: Played; readonly now: () => number },
): Promise<Row> {
  const { contracts } = story.network
  const onVerde = async <T>(name: string, ...args: unknown[]) =>
    story.view<T>(verdeAbi, contracts.verde, name, args)
  const [, place, , status, admittedAt] = await onVerde<[bigint, number, Hex, number, number]>(
    'disputeOf',
    id,
  )
  const report = await reportDispute(contracts, id, contracts.fromBlock)
  const { position, answer, turn } = report.dispute
  const { bondWei, computation } = await onVerde<{ bondWei: bigint; computation: Hex }>(
    'claimOf',
    claim,
  )
  const { steps, interval, nodes } = await onVerde<Record<'steps' | 'interval' | 'nodes', number>>(
    'computationOf',
    computation,
  )
  const of = <T extends { readonly args: { readonly dispute: bigint } }>(events: readonly T[]) =>
    events.filter(({ args }) => args.dispute === id)
  const decided = of(story.of('verde', 'DisputeDecided')).at(0)
  const closed = of(story.of('verde', 'BondReturned')).at(0)
  const lost = of(story.of('verde', 'BondLost'))
  const { path } = report
  const asked = Math.max(position.turnStart, admittedAt)
  const isProved = decided !== undefined && report.winner === 'challenger'
  // A contract that passes calls on has others for arguments: what is in them is not told.
  const lie = id === played.relayed || !isProved ? undefined : played.lies.get(id)
  const told = lie && (await truthOf(lie))
  const isPicked = position.phase === 'proof' || lie !== undefined
  const segment = isPicked && path.segment !== undefined ? BigInt(path.segment) : null
  const elements =
    told?.elements ??
    moves
      .map((move) => unpackPosition(move.position as never))
      .find(({ phase }) => phase === 'element')?.element
  const isBeyond = (phase: Position['phase']): boolean =>
    PHASES.indexOf(position.phase) >= PHASES.indexOf(phase)
  const claimedBits = told?.claimed ?? (isBeyond('partials') ? bits(position.value) : null)
  const index = (level: number | undefined): bigint | null =>
    level === undefined ? null : BigInt(level)
  const reached = (shows: (at: Position, move: MoveRow) => boolean): string | null =>
    (moves.find((move) => shows(unpackPosition(move.position as never), move))?.id as
      | string
      | undefined) ?? null
  const from = (phase: Position['phase'], ...by: string[]): string | null =>
    reached(
      (at, { name }) => PHASES.indexOf(at.phase) >= PHASES.indexOf(phase) || by.includes(name),
    )
  const walk = [
    ['CHECKPOINT', index(path.checkpoint), Math.ceil(steps / interval), null, from('steps')],
    ['STEP', index(path.step), steps, null, from('graph')],
    ['OPERATOR', index(path.node), nodes, told?.operator ?? null, from('element', 'proveElement')],
    ['ELEMENT', index(path.element), elements ?? null, null, from('partials', 'proveElement')],
    [
      'SEGMENT',
      segment,
      told?.segments ?? null,
      null,
      from('proof', 'proveElement', 'provePartial'),
    ],
  ] as const
  return {
    ...{ id, claim, place, challenger, status: DISPUTE_STATUSES[status].toUpperCase() },
    job: story.of('jobRegistry', 'JobClaimed').find(({ args }) => args.claim === claim)!.args.job,
    phase: position.phase.toUpperCase(),
    ...{ interval: walk[0][1], step: walk[1][1], node: path.node ?? null, element: walk[3][1] },
    ...{ segment, operator: told?.operator ?? null, isInt32: told?.isInt32 ?? null },
    ...{ claimedBits, rightBits: told?.right ?? null },
    ...{ openedAt: timestamp, admittedAt: admittedAt === 0 ? null : admittedAt },
    decidedAt: (decided ?? closed)?.timestamp ?? null,
    decidedBy: decided === undefined ? null : MOVES.get(decided.args.reason),
    ...{ moveCount: moves.length, gas: report.gas, bondWei },
    bondReturnedWei: sum(of(story.of('verde', 'BondReturned')).map(({ args }) => args.amountWei)),
    bondToSolverWei: sum(lost.map(({ args }) => args.toSolverWei)),
    bondBurnedWei: sum(lost.map(({ args }) => args.burnedWei)),
    reward: sum(of(story.of('verde', 'RewardPaid')).map(({ args }) => args.amount)),
    costs: sum(of(story.of('verde', 'CostsPaid')).map(({ args }) => args.amount)),
    turnStart: position.turnStart === 0 ? null : position.turnStart,
    ...{ solverLeft: position.solverLeft, challengerLeft: position.challengerLeft },
    turn:
      turn === undefined
        ? null
        : {
            side: turn.solver ? 'SOLVER' : 'CHALLENGER',
            start: Math.max(asked, answer.time),
            deadline: turn.deadline,
            secondsLeft: () => Math.max(0, turn.deadline - now()),
            // An answer that all disputes share takes its time off each one's clock, and moves none of them.
            solverLeft: Math.max(0, position.solverLeft - Math.max(0, answer.time - asked)),
            challengerLeft: position.challengerLeft,
          },
    claimed: scalar(claimedBits, told?.isInt32),
    right: scalar(told?.right ?? null, told?.isInt32),
    walk: walk.map(([level, at, count, label, move]) => ({
      ...{ level, index: at, of: count === null ? null : BigInt(count), label, move },
    })),
  }
}

/** What the challenger should have found: how a run that is right has it, and what the cheat made of that. */
async function truthOf({ job, corruption: { step, node, element, bit } }: Lie) {
  const { program, initialState, constants, seed } = job
  const run = new Execution(program, reference, { state: initialState, constants, seed })
  while (run.step < step) await run.advance()
  const output = (await run.outputs([node])).get(node)!
  await run.close()
  const { type, count } = outputOf(program.nodes[node])
  const right = output.words[element] >>> 0
  return {
    operator: program.nodes[node].op,
    isInt32: type === 'i32',
    elements: count,
    segments: segments(program.nodes[node]),
    right: bits(right),
    claimed: bits((right ^ (1 << bit)) >>> 0),
  }
}

const bits = (value: number): Hex => numberToHex(value, { size: 4 })

/** As JavaScript writes it, in as few digits as make the same number of 32 bits again. */
function scalar(word: Hex | null, isInt32 = false): object | null {
  if (word === null) return null
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, Number(word))
  if (isInt32) return { bits: word, decimal: String(view.getInt32(0)) }
  const value = view.getFloat32(0)
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Object.is(Math.fround(short), value)) {
      return { bits: word, decimal: Object.is(short, -0) ? '-0' : String(short) }
    }
  }
  return { bits: word, decimal: String(value) }
}

/** Of the events of a dispute. */
interface Arguments {
  readonly dispute?: bigint
  readonly move?: string
  readonly reason?: string
  readonly challengerWon?: boolean
  readonly position?: readonly Hex[]
  readonly row?: readonly Hex[]
  readonly data?: Hex
  readonly values?: Hex
}

/** A side's moves; every other serves the challenger. */
const OF_SOLVER = ['commitSteps', 'commitGraph', 'commitPartials', 'reveal', 'revealLeaf']

/** What was done in a dispute: each move with what was shown before it. */
function movesOf(story: Story, dispute: bigint): MoveRow[] {
  const moves: MoveRow[] = []
  let shown: { row?: readonly Hex[]; leaf?: Hex; partials?: Hex; logIndex?: number } = {}
  for (const event of story.events) {
    const args = event.args as Arguments
    if (event.contract !== 'verde' || args.dispute !== dispute) continue
    const show = SHOWS[event.name]
    if (show !== undefined) {
      shown = { logIndex: event.logIndex, [show[0]]: args[show[1]] }
      continue
    }
    const last = moves.at(-1)
    const made = moveOf(event, args, last)
    if (made === undefined) continue
    const { position } = made
    moves.push({
      ...made,
      id: `${dispute}-${String(moves.length).padStart(5, '0')}`,
      ...{ dispute, index: moves.length, sender: event.sender },
      phase: ('phase' in made ? made.phase : unpackPosition(position as never).phase).toUpperCase(),
      ...{ row: null, leaf: null, partials: null, gas: event.gas, block: event.block },
      ...{ timestamp: event.timestamp, transaction: event.transaction },
      ...{ logIndex: event.logIndex, ...shown },
    })
    shown = {}
  }
  return moves
}

const SHOWS: Readonly<Record<string, readonly [string, keyof Arguments] | undefined>> = {
  Revealed: ['row', 'row'],
  RevealedLeaf: ['leaf', 'data'],
  PartialsCommitted: ['partials', 'values'],
}

function moveOf({ name }: Happened, args: Arguments, last: MoveRow | undefined) {
  const position = args.position ?? last!.position
  if (name === 'Challenged') {
    const isDemand = unpackPosition(position as never).phase === 'checkpoints'
    return { name: isDemand ? 'challengeByDemand' : 'challenge', side: 'CHALLENGER', position }
  }
  if (name === 'Moved') {
    const called = MOVES.get(args.move!)!
    return { name: called, side: OF_SOLVER.includes(called) ? 'SOLVER' : 'CHALLENGER', position }
  }
  if (name !== 'DisputeDecided') return undefined
  return {
    ...{ name: MOVES.get(args.reason!)!, position, phase: last!.phase as string },
    side: args.challengerWon ? 'CHALLENGER' : 'SOLVER',
  }
}
