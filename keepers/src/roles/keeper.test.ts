import { zeroAddress, zeroHash } from 'viem'
import { expect, test } from 'vitest'
import { type Keeper, move } from './keeper.ts'

test('a retry that opens a dispute in the other way is the same intent', async () => {
  const intents: string[] = []
  const send = (intent: string) => Promise.resolve(intents.push(intent))
  const keeper = { contracts: { verde: zeroAddress }, sender: { send } } as unknown as Keeper
  const at = [7n, zeroAddress] as const
  await move(keeper, '7:0', { functionName: 'challengeByDemand', args: at })
  await move(keeper, '7:0', { functionName: 'challenge', args: [...at, 0, zeroHash, zeroHash, []] })
  await move(keeper, '7:1', { functionName: 'challengeByDemand', args: at })
  expect(intents).toEqual(['challenge:7:0', 'challenge:7:0', 'challenge:7:1'])
})
