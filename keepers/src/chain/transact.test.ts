import { aiTokenAbi } from '@lockstep/deployments'
import { type Hex, RawContractError } from 'viem'
import { expect, test } from 'vitest'
import type { Sender } from './sender.ts'
import { transact } from './transact.ts'

/** A call whose simulation reverts with this. */
const refused = (data: Hex): Promise<unknown> => {
  const send = () => Promise.reject(new RawContractError({ data }))
  return transact({ send } as unknown as Sender, 'buy:1', {
    abi: aiTokenAbi,
    address: `0x${'d'.repeat(40)}`,
    functionName: 'transfer',
    args: [`0x${'a'.repeat(40)}`, 1n],
  })
}

test.each<[Hex, string, string]>([
  [
    '0x7939f424',
    'transfer would revert with TransferFromFailed(): the $AI could not be taken: the account has too little',
    'lockstep status --account <address> shows what it has',
  ],
  ['0xb12d13eb', 'ETHTransferFailed(): ether could not be paid', 'has to accept ether'],
  ['0x12345678', 'transfer would revert with 0x12345678', 'a command can be run again'],
])('a revert with %s says what it means and what to do', async (data, what, advice) => {
  await expect(refused(data)).rejects.toMatchObject({
    code: 'transaction-reverted',
    what: expect.stringContaining(what) as string,
    advice: expect.stringContaining(advice) as string,
  })
})
