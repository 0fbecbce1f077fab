import { type Address, type Hash, type Hex, concat, keccak256, slice } from 'viem'

/** `Phase` and `Tree` of IVerde.sol, in their order there. */
export const PHASES = [
  'checkpoints',
  'steps',
  'graph',
  'element',
  'partials',
  'pick',
  'proof',
] as const
export const TREES = ['none', 'checkpoints', 'steps', 'graph', 'state', 'tensor'] as const
export type Phase = (typeof PHASES)[number]
export type TreeName = (typeof TREES)[number]

/** A position as the contract hashes and the events publish it: seven words. */
export type PackedPosition = readonly [Hash, Hash, Hash, Hash, Hash, Hash, Hash]

/** Where a dispute stands: `Position` of IVerde.sol, whose comments say what each field means. */
export interface Position {
  readonly packed: PackedPosition
  readonly hash: Hash
  readonly phase: Phase
  readonly level: number
  readonly tree: TreeName
  readonly open: boolean
  readonly height: number
  readonly interval: number
  readonly step: number
  readonly node: number
  readonly element: number
  readonly segment: number
  /** Bits, as an unsigned number. */
  readonly value: number
  readonly turnStart: number
  readonly delegate: Address
  readonly solverLeft: number
  readonly challengerLeft: number
  readonly index: number
  readonly before: Hash
  readonly disputed: Hash
  readonly graph: Hash
  readonly encodingHash: Hash
  readonly demanded: Hash
}

/** Layout: `Position` in IVerde.sol (big-endian, most significant field first). */
export function unpackPosition(packed: PackedPosition): Position {
  const walk = new Fields(packed[0])
  const phase = PHASES.at(walk.take(1))
  const level = walk.take(1)
  const demand = walk.take(1)
  const tree = TREES.at(demand >> 1)
  if (phase === undefined || tree === undefined)
    throw new RangeError(`not a position: ${packed[0]}`)
  const [height, interval, step, node] = [walk.take(1), walk.take(4), walk.take(4), walk.take(4)]
  const [element, segment, value, turnStart] = [
    walk.take(5),
    walk.take(2),
    walk.take(4),
    walk.take(5),
  ]
  const delegate = slice(packed[1], 0, 20)
  const sides = new Fields(slice(packed[1], 20))
  return {
    packed,
    hash: keccak256(concat(packed)),
    phase,
    level,
    tree,
    open: (demand & 1) === 1,
    height,
    interval,
    step,
    node,
    element,
    segment,
    value,
    turnStart,
    delegate,
    solverLeft: sides.take(4),
    challengerLeft: sides.take(4),
    index: sides.take(4),
    before: packed[2],
    disputed: packed[3],
    graph: packed[4],
    encodingHash: packed[5],
    demanded: packed[6],
  }
}

class Fields {
  readonly #hex: Hex
  #at = 0

  constructor(hex: Hex) {
    this.#hex = hex
  }

  /** The next field of so many bytes; at most six, so that the number is exact. */
  take(bytes: number): number {
    const from = this.#at
    this.#at += bytes
    return Number(slice(this.#hex, from, this.#at))
  }
}
