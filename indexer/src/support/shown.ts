import { verdeAbi } from '@lockstep/deployments'
import { decodeNode, outputOf, segments } from '@lockstep/repops/nodes'
import {
  type AbiFunction,
  decodeAbiParameters,
  type DecodeFunctionDataReturnType,
  type Hex,
  hexToBytes,
  size,
  slice,
  toFunctionSelector,
} from 'viem'
import { bits } from './walk.ts'

type Call = DecodeFunctionDataReturnType<typeof verdeAbi>
type ProveArguments = Extract<Call, { functionName: 'prove' }>['args']

/** What the arguments of a move show that no event says; absent where they show nothing of it. */
export interface Shown {
  readonly encoding?: Hex
  readonly node?: number
  readonly element?: number
  readonly segment?: number
  readonly claimedBits?: Hex
  /** Root of the step's graph, where the move brings it. */
  readonly graphRoot?: Hex
  readonly operands?: ProveArguments[3]
}

/** Partials of one posting (Ledger.sol). */
const POSTED = 256
const LEAF_ELEMENTS = 256

/** Verde's functions by their selectors: hashing every signature for every move would be most of the work. */
const FUNCTIONS = new Map<Hex, AbiFunction>(
  verdeAbi.flatMap((item) =>
    item.type === 'function' ? [[toFunctionSelector(item), item] as const] : [],
  ),
)

function callOf(input: Hex): Call | undefined {
  const called = FUNCTIONS.get(slice(input, 0, 4))
  if (called === undefined) return undefined
  try {
    const args = decodeAbiParameters(called.inputs, slice(input, 4))
    return { functionName: called.name, args } as Call
  } catch {
    return undefined
  }
}

/**
 * Reads the calldata of a transaction to Verde. Undefined if it does not move this dispute: another contract's call,
 * which only that contract understands. `picked` is the block that the position has picked, for `provePartial`.
 */
export function showOf(input: Hex, dispute: bigint, picked: number): Shown | undefined {
  const call = callOf(input)
  if (call?.args[0] !== dispute) return undefined
  switch (call.functionName) {
    case 'openNode':
      return { node: call.args[3].node, encoding: call.args[3].encoding }
    case 'openNodeElement':
      return {
        node: call.args[3].node,
        encoding: call.args[3].encoding,
        element: call.args[4].element,
      }
    case 'openElement':
    case 'commitPartials':
      return { encoding: call.args[2] }
    case 'prove':
      return { encoding: call.args[2], operands: call.args[3] }
    case 'proveElement': {
      const { node, encoding } = call.args[3]
      const { element, leaf } = call.args[4]
      const at = 4 * (element % LEAF_ELEMENTS)
      if (size(leaf) < at + 4) return undefined
      // Tensors are little-endian.
      const word = new DataView(hexToBytes(slice(leaf, at, at + 4)).buffer).getUint32(0, true)
      return {
        node,
        encoding,
        element,
        segment: 0,
        claimedBits: bits(word),
        graphRoot: call.args[2].root,
        operands: call.args[5],
      }
    }
    case 'provePartial': {
      const [, , values, index, encoding, operands] = call.args
      if (size(values) < 4 * index + 4) return undefined
      return {
        segment: POSTED * picked + index,
        claimedBits: slice(values, 4 * index, 4 * index + 4),
        encoding,
        operands,
      }
    }
    default:
      return {}
  }
}

/** What an encoding says of its node; undefined if it breaks a rule, as malformed ones may. */
export function nodeOf(
  encoding: Hex,
  bounds: { node: number; states: number; constants: number },
): { operator: string; isInt32: boolean; elementCount: bigint; segmentCount: bigint } | undefined {
  try {
    const node = decodeNode(hexToBytes(encoding), bounds)
    const { type, count } = outputOf(node)
    return {
      operator: node.op,
      isInt32: type === 'i32',
      elementCount: BigInt(count),
      segmentCount: BigInt(segments(node)),
    }
  } catch {
    return undefined
  }
}
