import { delphiAbi } from '@lockstep/deployments/abis'
import { decodeFunctionData, type Hex } from 'viem'
import { expect, test } from 'vitest'
import { type Sending, sendCollection } from './send.ts'

test('one transaction collects the first group of what is due', async () => {
  const sent: unknown[] = []
  const client = {
    simulateContract: ({ args: [calls] }: { args: [Hex[]] }) => {
      sent.push(...calls.map((data) => decodeFunctionData({ abi: delphiAbi, data })))
      throw new Error('this is all that is looked at')
    },
  }
  const sending = {
    ...{ client, market: 7n, wallet: {}, config: { contracts: {} }, onStep: () => {} },
  } as unknown as Sending
  const due = [
    [{ of: 'creator', amount: 1n } as const, { of: { outcome: 3 }, amount: 1n }],
    [{ of: { outcome: 4 }, amount: 1n }],
  ]
  await expect(sendCollection(sending, due, 'Collect')).rejects.toThrow('looked at')
  expect(sent).toEqual([
    { functionName: 'collectCreatorFees', args: [7n] },
    { functionName: 'collectModelFees', args: [7n, 3n] },
  ])
})
