import { delphiAbi } from '@lockstep/deployments/abis'
import { encodeFunctionData, type Hex } from 'viem'
import { expect, test } from 'vitest'
import { callsIn, functionOf } from './calls.ts'
import type { Pending } from './pending.ts'
import { isUnderway } from './underway.ts'

const call = (functionName: 'collectCreatorFees' | 'collectProtocolFees'): Hex =>
  encodeFunctionData({ abi: delphiAbi, functionName, args: [7n] })
const multicall = (...calls: Hex[]): Hex =>
  encodeFunctionData({ abi: delphiAbi, functionName: 'multicall', args: [calls] })
const data = multicall(call('collectCreatorFees'), call('collectProtocolFees'))

test('the functions that a transaction calls are known from its data', () => {
  expect(callsIn(data)?.map(functionOf)).toEqual(['collectCreatorFees', 'collectProtocolFees'])
  expect(callsIn(call('collectCreatorFees'))).toBeUndefined()
  expect(['0x', '0x12', '0x00000000'].map((of) => functionOf(of as Hex))).toEqual([
    ...[undefined, undefined, undefined],
  ])
})

test.each([
  ['sent', undefined, true],
  ['sent', 8, true],
  ['mined', 9, true],
  ['mined', 8, false],
  ['done', 9, true],
  ['done', 8, false],
  ['failed', 8, false],
  ['lost', 9, false],
  ['replaced', 9, false],
] as const)('what is %s, in block %s, is under way for who read block 8: %s', (stage, at, is) => {
  const one = { stage, data, ...(at === undefined ? {} : { block: at }) } as Pending
  expect(isUnderway([one], ['collectProtocolFees'], 8n)).toBe(is)
  expect(isUnderway([one], ['redeemMany'], 8n)).toBe(false)
})
