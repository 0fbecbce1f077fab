import { refereeAbi } from '@lockstep/deployments'
import type { Position } from '@lockstep/deployments/protocol'
import type { IndexingFunctionArgs } from 'ponder:registry'
import type { computation } from 'ponder:schema'
import { type Address, BaseError, type Hex } from 'viem'
import type { Shown } from './shown.ts'
import { bits } from './walk.ts'

type Client = IndexingFunctionArgs<'verdeMoves:DisputeDecided'>['context']['client']

/**
 * The right value of the scalar that decided a dispute: what the referee says to the arguments that the transaction
 * gave it (`_prove` of Verde.sol). Null if it was decided otherwise, or by another contract's call.
 */
export async function rightBits(
  client: Client,
  referee: Address,
  work: typeof computation.$inferSelect,
  position: Position,
  shown: Shown | undefined,
): Promise<Hex | null> {
  if (shown?.operands === undefined || shown.encoding === undefined) return null
  const scene = {
    graphRoot: shown.graphRoot ?? position.graph,
    stateRoot: position.before,
    constantsRoot: work.constantsRoot,
    nodes: work.nodes,
    states: work.states,
    constants: work.constants,
    node: shown.node ?? position.node,
    step: position.step,
    seed: work.seed,
  }
  const element = BigInt(shown.element ?? position.element)
  const segment = shown.segment ?? position.segment
  try {
    const value = await client.readContract({
      abi: refereeAbi,
      address: referee,
      functionName: 'judge',
      args: [scene, shown.encoding, element, segment, shown.operands],
      // It is a function of its arguments alone: any block will do, so no node needs old states.
      cache: 'immutable',
    })
    return bits(value)
  } catch (error) {
    // A refusal is the chain's answer; a node that does not answer is asked again.
    if (isRefusal(error)) return null
    throw error
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof BaseError &&
  error.walk((cause) => (cause as Error).name === 'ContractFunctionRevertedError') !== null
