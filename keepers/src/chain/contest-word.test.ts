import {
  type Address,
  createPublicClient,
  custom,
  encodeAbiParameters,
  encodeFunctionResult,
  type Hex,
  multicall3Abi,
  zeroAddress,
} from 'viem'
import { expect, test } from 'vitest'
import type { Chain } from './connect.ts'
import { readOwners } from './contest-word.ts'

const OWNER: Address = `0x${'51'.repeat(20)}`
const CONTEST = { source: `0x${'0a'.repeat(20)}`, contest: 5n } as const

/** Who a node that answers so says that three outcomes belong to. */
async function ask(answer: () => Hex) {
  const request = () => Promise.resolve().then(answer)
  const client = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) })
  return readOwners({ chain: { client } as unknown as Chain }, CONTEST, 3)
}
const answered = (owner: Address) => ({
  success: true,
  returnData: encodeAbiParameters([{ type: 'address' }], [owner]),
})

test('a contest names owners, nobody, or does not answer', async () => {
  const refused = { success: false, returnData: '0x' } as const
  const result = [answered(OWNER), answered(zeroAddress), refused]
  const owners = await ask(() =>
    encodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', result }),
  )
  expect(owners).toEqual([OWNER, undefined, undefined])
})

test('a request that fails does not say that the contest names nobody', async () => {
  const failing = ask(() => {
    throw new Error('too many requests')
  })
  await expect(failing).rejects.toThrow('too many requests')
  // As a node answers that ran out of gas: no code, no data.
  await expect(ask(() => '0x')).rejects.toThrow('aggregate3')
})
