import { delphiAbi } from '@lockstep/deployments/abis'
import {
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  encodeErrorResult,
  encodeFunctionData,
} from 'viem'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { explain, ListedBefore } from './explain.ts'
import { TRADING_ABI } from './send.ts'
import { Steps } from './Steps.tsx'

const SHARE = 10n ** 9n
const OWNER = `0x${'51'.repeat(20)}`
const CLOSED = ['Delphi_Closed', [7n, 1n]] as const
const NOTHING = ['Delphi_NothingToPay', [7n]] as const
type Of = readonly [name: string, args?: readonly unknown[]]

/** What is told when a transaction of these calls is refused with this error. */
function told([errorName, args = []]: Of, ...calls: readonly Of[]): string {
  const encoded = calls.map(([functionName, of]) =>
    encodeFunctionData({ abi: delphiAbi, functionName, args: of } as never),
  )
  const data = encodeErrorResult({ abi: TRADING_ABI, errorName, args } as never)
  const of = { abi: TRADING_ABI, functionName: 'multicall' }
  const cause = new ContractFunctionRevertedError({ ...of, data })
  const { what, todo } = explain(
    new ContractFunctionExecutionError(cause, { ...of, args: [encoded] }),
  )
  return `${what} ${todo}`
}
const SELL: Of = ['sell', [7n, 0n, SHARE, 1n, 9n]]
const MAKE: Of = ['mintSets', [7n, SHARE]]
const BACK: Of = ['burnSets', [7n, SHARE]]
const LIST: Of = ['list', [7n, SHARE, 9n]]
const REDEEM: Of = ['redeemMany', [7n, [0n], OWNER]]

test('sets that others gave back before are no slippage', () => {
  const little: Of = ['Delphi_TooLittle', [2n * SHARE, 5n * SHARE]]
  expect(told(little, BACK)).toMatch(/^Others gave sets back before: 2 are left in circulation/)
  expect(told(little, SELL)).toContain('slippage limit')
})

test('sets that are given back too late are redeemed', () => {
  expect(told(CLOSED, BACK)).toBe(
    'The market is resolved: sets are not given back any more. Redeem the shares instead.',
  )
  for (const call of [SELL, MAKE]) expect(told(CLOSED, call)).toContain('Trading ended on')
})

test('fees that were collected before are no lost shares', () => {
  const creator: Of = ['collectCreatorFees', [7n]]
  const model: Of = ['collectModelFees', [7n, 1n]]
  for (const calls of [[creator], [['collectProtocolFees', [7n]] as Of], [creator, model]])
    expect(told(NOTHING, ...calls)).toMatch(/fees was collected before.*still shown as due/)
  expect(told(NOTHING, REDEEM)).toContain('Shares that lost are paid nothing')
})

test('too little gas is told with what it was for', () => {
  const little: Of = ['Delphi_TooLittleGas', [9n]]
  const fees = told(little, ['collectCreatorFees', [7n]], ['collectModelFees', [7n, 1n]])
  expect(fees).toMatch(/too little gas to ask the contest who owns the models.*10 million/)
  expect(fees).not.toContain('resolve')
  expect(told(little, ['resolve', [7n]])).toMatch(/too little gas to resolve the market.*7 million/)
})

test('what is made and given back is called sets', () => {
  const halted = told(['Delphi_Halted', [7n]], MAKE)
  expect(halted).toContain('no sets are made')
  expect(halted).toContain('giving back sets')
  expect(told(['LMSR_QuantityOutOfRange', [1n, 2n, 3n]], MAKE)).toContain('Make fewer sets.')
  expect(told(['InsufficientBalance'], BACK)).toContain('Give back fewer sets.')
  expect(told(['InsufficientBalance'], SELL)).toContain('Sell fewer shares.')
})

test('what cannot be listed any more is told with why', () => {
  const nothing = (outcomes: bigint): Of => ['Delphi_NothingToList', [outcomes]]
  expect(told(nothing(4n), LIST)).toMatch(/^All entrants of the contest are outcomes/)
  expect(told(nothing(256n), LIST)).toMatch(/^The market has as many outcomes as it can have/)
  expect(told(['Delphi_Halted', [7n]], LIST)).toContain('no outcome is listed')
  expect(told(CLOSED, LIST)).toContain('Trading ended on')
  expect(told(['Delphi_TooDear', [2n, 1n]], LIST)).toContain('slippage limit')
  expect(explain(new ListedBefore(3)).what).toBe('Somebody else has listed outcome 3.')
})

test('a permission is told with what it is for, whatever that is', () => {
  for (const step of ['permit', 'approve', 'approving'] as const) {
    const sending = { step, problem: undefined, run: () => Promise.resolve(true), clear: () => {} }
    const shown = renderToStaticMarkup(createElement(Steps, { sending, takes: '5 $AI' }))
    expect(shown).toMatch(/permission|5 \$AI/)
    expect(shown).not.toMatch(/trade/i)
  }
})
