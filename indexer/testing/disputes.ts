// Disputes of the fake world: from a challenge down to a scalar, or to a clock that ran out.
import { verdeAbi } from '@lockstep/deployments'
import { PHASES, type Phase, TREES, type TreeName } from '@lockstep/deployments/protocol'
import {
  concat,
  encodeFunctionData,
  type Hex,
  numberToHex,
  toFunctionSelector,
  zeroAddress,
  zeroHash,
} from 'viem'
import { take as takeStake } from './stake.ts'
import { type Claim, endLock, lockOfClaim } from './work.ts'
import { account, ACCOUNTS, AI, FAKE_DEPLOYMENT, pick, type Writer } from './world.ts'

export interface Dispute {
  readonly id: bigint
  readonly claim: Claim
  readonly challenger: `0x${string}`
  readonly place: number
  position: Fields
  isOver: boolean
}

interface Fields {
  phase: Phase
  tree: TreeName
  open: boolean
  level: number
  interval: number
  step: number
  node: number
  element: number
  segment: number
  value: number
  turnStart: number
}

type Words = readonly [Hex, Hex, Hex, Hex, Hex, Hex, Hex]

function pack(p: Fields): Words {
  const word = concat([
    numberToHex(PHASES.indexOf(p.phase), { size: 1 }),
    numberToHex(p.level, { size: 1 }),
    numberToHex(2 * TREES.indexOf(p.tree) + Number(p.open), { size: 1 }),
    '0x00',
    numberToHex(p.interval, { size: 4 }),
    numberToHex(p.step, { size: 4 }),
    numberToHex(p.node, { size: 4 }),
    numberToHex(p.element, { size: 5 }),
    numberToHex(p.segment, { size: 2 }),
    numberToHex(p.value, { size: 4 }),
    numberToHex(p.turnStart, { size: 5 }),
  ])
  const sides = concat([zeroAddress, numberToHex(900, { size: 4 }), numberToHex(800, { size: 8 })])
  return [word, sides, zeroHash, zeroHash, zeroHash, zeroHash, zeroHash]
}

const { contracts } = FAKE_DEPLOYMENT
const selector = (name: string): Hex =>
  toFunctionSelector(
    verdeAbi.find((item) => item.type === 'function' && item.name === name) as never,
  )

export function challenge(w: Writer, claims: readonly Claim[], disputes: Dispute[]): void {
  const claim = pick(
    w.random,
    claims.slice(-40).filter((one) => !one.isVoid && w.now <= one.windowEnd),
  )
  if (claim === undefined) return
  const challenger = account(w.random.below(ACCOUNTS))
  const place = claim.disputes++
  claim.open++
  const isDirect = w.random.below(2) === 0
  const interval = isDirect ? w.random.below(20) : 0
  const position: Fields = {
    ...{ phase: isDirect ? 'steps' : 'checkpoints', tree: isDirect ? 'none' : 'checkpoints' },
    ...{ open: !isDirect, level: 0, interval, step: 0, node: 0, element: 0, segment: 0 },
    ...{ value: 0, turnStart: 0 },
  }
  const dispute = { id: (claim.id << 32n) | BigInt(place), claim, challenger, place, position }
  disputes.push({ ...dispute, isOver: false })
  const about = { claim: claim.id, dispute: dispute.id }
  w.emit('verde', 'Challenged', { ...about, challenger, position: pack(position) })
  w.emit('verde', 'Admitted', { ...about, time: w.now })
  w.send(challenger, contracts.verde)
}

/** The next move of a dispute, or its end. */
export function play(w: Writer, disputes: readonly Dispute[]): void {
  const dispute = pick(
    w.random,
    disputes.slice(-60).filter(({ isOver }) => !isOver),
  )
  if (dispute === undefined) return
  const { claim, position: p } = dispute
  const solver = claim.job.vault!.operator
  const moved = (
    name: string,
    change: Partial<Fields>,
    by: 'solver' | 'challenger',
    input?: Hex,
  ) => {
    dispute.position = { ...p, ...change, turnStart: w.now }
    const about = { dispute: dispute.id, move: selector(name), position: pack(dispute.position) }
    w.emit('verde', 'Moved', about)
    w.send(by === 'solver' ? solver : dispute.challenger, contracts.verde, input)
  }
  if (p.open) {
    if (p.tree === 'tensor')
      w.emit('verde', 'RevealedLeaf', { dispute: dispute.id, data: w.fresh() })
    else w.emit('verde', 'Revealed', { dispute: dispute.id, row: [w.fresh(), w.fresh()] })
    moved(p.tree === 'tensor' ? 'revealLeaf' : 'reveal', { open: false }, 'solver')
    return
  }
  if (w.random.below(20) === 0) {
    decide(w, dispute, w.random.below(2) === 0, 'timeout')
    return
  }
  if (p.phase === 'checkpoints') {
    const change = { phase: 'steps', tree: 'none', interval: w.random.below(20) } as const
    moved('openInterval', change, 'challenger')
    return
  }
  if (p.phase === 'steps' || p.phase === 'graph') {
    const index = p.phase === 'steps' ? p.interval : p.step
    const key = `${p.phase} ${index}`
    if (!claim.answers.has(key)) {
      const given = { root: w.fresh(), time: w.now }
      claim.answers.set(key, given)
      if (p.phase === 'steps') {
        w.emit('verde', 'StepsCommitted', { claim: claim.id, interval: index, ...given })
      } else w.emit('verde', 'GraphCommitted', { claim: claim.id, step: index, ...given })
      w.send(solver, contracts.verde)
      return
    }
    const demand = p.phase === 'steps' ? 'steps' : 'graph'
    if (p.tree === 'none') {
      moved('demand', { tree: demand, open: true }, 'challenger')
      return
    }
    if (p.phase === 'steps') {
      const step = p.interval * claim.job.computation.interval + w.random.below(3)
      moved('pickStep', { phase: 'graph', tree: 'none', step }, 'challenger')
      return
    }
    if (w.random.below(3) === 0) {
      decide(w, dispute, true, 'mismatch')
      return
    }
    const node = w.random.below(40)
    const input = callOf(dispute, 'openNode', node)
    const opened = { phase: 'element', tree: 'none', node, element: 4_096 } as const
    moved('openNode', opened, 'challenger', input)
    return
  }
  if (p.phase === 'element') {
    if (p.tree === 'none') {
      moved('demand', { tree: 'tensor', open: true }, 'challenger')
      return
    }
    const picked = { tree: 'none', element: w.random.below(4_096), value: w.random.word() } as const
    moved('openElement', { ...picked, phase: 'proof' }, 'challenger')
    return
  }
  decide(w, dispute, true, 'prove', callOf(dispute, 'prove', p.node))
}

function callOf({ id, position }: Dispute, name: 'openNode' | 'prove', node: number): Hex {
  const words = pack(position)
  if (name === 'prove') {
    return encodeFunctionData({
      abi: verdeAbi,
      functionName: 'prove',
      args: [id, words, ENCODING_OF_ADD, []],
    })
  }
  return encodeFunctionData({
    abi: verdeAbi,
    functionName: 'openNode',
    args: [
      id,
      words,
      { root: zeroHash, time: 0 },
      {
        ...{ node, encoding: ENCODING_OF_ADD, encodingProof: [] },
        ...{ output: zeroHash, outputProof: [] },
      },
    ],
  })
}

function decide(w: Writer, dispute: Dispute, isWon: boolean, by: string, input?: Hex): void {
  const { claim, id, challenger } = dispute
  dispute.isOver = true
  claim.open--
  const about = { claim: claim.id, dispute: id }
  w.emit('verde', 'DisputeDecided', { ...about, challengerWon: isWon, reason: selector(by) })
  if (!isWon) {
    if (!claim.isVoid) {
      w.emit('verde', 'BondLost', { dispute: id, toSolverWei: AI / 20n, burnedWei: AI / 20n })
    }
    w.send(challenger, contracts.verde, input)
    return
  }
  w.emit('verde', 'BondReturned', { dispute: id, to: challenger, amountWei: AI / 10n })
  if (!claim.isVoid) {
    claim.isVoid = true
    claim.open = 0
    const vault = claim.job.vault!
    const lockId = lockOfClaim(claim)
    const amount = vault.locks.get(lockId)!
    endLock(vault, lockId)
    takeStake(w, vault, lockId, contracts.verde, amount)
    const [toChallenger, burned] = [amount / 4n, amount / 2n]
    const rest = { reserved: 0n, toTreasury: amount - toChallenger - burned }
    w.emit('verde', 'ClaimVoided', { ...about, toChallenger, burned, ...rest })
    w.emit('verde', 'RewardPaid', { ...about, to: challenger, amount: toChallenger })
  }
  w.send(challenger, contracts.verde, input)
}

/** Ends disputes that a void claim has closed. */
export const dropClosed = (disputes: Dispute[]): void => {
  for (const dispute of disputes) {
    if (!dispute.isOver && dispute.claim.isVoid) dispute.isOver = true
  }
}

/** An addition of two states of 4,096 elements, f32 (docs/spec/repops.md, section 4.1). */
const ENCODING_OF_ADD: Hex = '0x010002010000000001010000000100100000000101'
