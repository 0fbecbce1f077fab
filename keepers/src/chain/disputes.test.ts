import { verdeAbi } from '@lockstep/deployments'
import { DISPUTE_STATUSES, PHASES } from '@lockstep/deployments/protocol'
import {
  concat,
  createPublicClient,
  custom,
  decodeFunctionData,
  encodeAbiParameters,
  encodeErrorResult,
  encodeEventTopics,
  encodeFunctionResult,
  getAbiItem,
  type Hex,
  keccak256,
  numberToHex,
  padHex,
  zeroAddress,
  zeroHash,
} from 'viem'
import { expect, test } from 'vitest'
import type { Contracts } from './contracts.ts'
import { readDispute } from './disputes.ts'

const CLAIM = 7n
const DISPUTE = CLAIM << 32n
const ROOT = padHex('0x01', { size: 32 })
/** A dispute that waits for the solver's answer. */
const POSITION = [
  padHex(numberToHex(PHASES.indexOf('steps'), { size: 1 }), { dir: 'right', size: 32 }),
  ...Array.from({ length: 6 }, () => zeroHash),
] as const satisfies readonly Hex[]
interface Call {
  readonly method: string
  readonly params: unknown
}
type Packed = readonly [Hex, Hex, Hex, Hex, Hex, Hex, Hex]

/** A chain that goes on with each look at a turn. The claim's storage has an answer, the events have it from a block on. */
function protocol({ answerIn }: { answerIn: bigint }) {
  const position = POSITION as unknown as Packed
  let head = 1n
  let restarts = 0
  const request = ({ method, params }: Call): unknown => {
    if (method === 'eth_blockNumber') return numberToHex(head)
    if (method === 'eth_getLogs') {
      const [topic] = (params as [{ topics: Hex[] }])[0].topics
      const event = getAbiItem({ abi: verdeAbi, name: 'Challenged' })
      const args = { claim: CLAIM, dispute: DISPUTE }
      const topics = encodeEventTopics({ abi: verdeAbi, eventName: 'Challenged', args })
      const data = encodeAbiParameters(event.inputs.slice(2), [zeroAddress, position])
      const place = { blockNumber: '0x1', logIndex: '0x0', transactionIndex: '0x0' }
      const log = { address: zeroAddress, topics, data, ...place }
      return topic === topics[0]
        ? [{ ...log, blockHash: ROOT, transactionHash: ROOT, removed: false }]
        : []
    }
    const [{ data }] = params as [{ data: Hex }]
    const { functionName } = decodeFunctionData({ abi: verdeAbi, data })
    if (functionName === 'disputeOf') {
      const live = DISPUTE_STATUSES.indexOf('live')
      const result = [CLAIM, 0, zeroAddress, live, 1, keccak256(concat(position))] as const
      return encodeFunctionResult({ abi: verdeAbi, functionName, result })
    }
    expect(functionName).toBe('owedBy')
    head++
    const { args } = decodeFunctionData({ abi: verdeAbi, data }) as { args: readonly unknown[] }
    if ((args[2] as { root: Hex }).root !== ROOT) {
      const revert = encodeErrorResult({
        abi: verdeAbi,
        errorName: 'Verde_WrongAnswer',
        args: [ROOT],
      })
      throw Object.assign(new Error('execution reverted'), { code: 3, data: revert })
    }
    return encodeFunctionResult({
      abi: verdeAbi,
      functionName: 'owedBy',
      result: [false, 99],
    })
  }
  const contracts = {
    chain: {
      client: createPublicClient({
        transport: custom(
          { request: (call: Call) => Promise.resolve().then(() => request(call)) },
          { retryCount: 0 },
        ),
      }),
    },
    verde: zeroAddress,
    history: {
      events: (_: string, __: object, to: bigint) =>
        Promise.resolve(to >= answerIn ? [{ args: { root: ROOT, time: 5 } }] : []),
      restart: () => restarts++,
    },
  } as unknown as Contracts
  return { contracts, head: () => head, restarts: () => restarts }
}

test('a node that answers of a later block than it was asked for is asked again', async () => {
  const { contracts, head, restarts } = protocol({ answerIn: 2n })
  expect(await readDispute(contracts, DISPUTE, 0n)).toMatchObject({
    status: 'live',
    answer: { root: ROOT, time: 5 },
    turn: { solver: false, deadline: 99 },
  })
  expect([head(), restarts()]).toEqual([3n, 0])
})

test('an answer that no look finds is kept back: all is read again, and the endpoint is named', async () => {
  const { contracts, head, restarts } = protocol({ answerIn: 99n })
  await expect(readDispute(contracts, DISPUTE, 0n)).rejects.toThrow(
    /there is no event of the solver's answer .*use an --rpc that serves all events/,
  )
  expect([head(), restarts()]).toEqual([5n, 1])
})
