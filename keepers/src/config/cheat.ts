import type { Corruption } from '@lockstep/repops'
import { z } from 'zod'
import { fail } from '../errors.ts'
import { isDevnet } from './devnet.ts'

const whole = (most: number) => z.coerce.number().int().min(0).max(most)
const schema = z.strictObject({
  step: whole(2 ** 31 - 2),
  node: whole(2 ** 20 - 1),
  element: whole(2 ** 40 - 1),
  bit: whole(31),
})

/** `step=3,node=5,element=0,bit=31`: one flipped bit of one element of one node's output in one step. */
export function parseCheat(text: string): Corruption {
  const pairs = text.split(',').map((part) => part.split('=') as [string, string])
  const checked = schema.safeParse(Object.fromEntries(pairs))
  if (!checked.success || pairs.length !== 4) {
    throw fail.badSetting({
      what: `${JSON.stringify(text)} is no lie that can be told`,
      where: '--cheat',
      advice: 'it is step=…,node=…,element=…,bit=… with whole numbers, bit from 0 to 31',
    })
  }
  return checked.data
}

/** Lies and silence cost a stake: they are for showing how they are caught, never for a real chain. */
export function requireDevnet(chainId: number, setting: string): void {
  if (isDevnet(chainId)) return
  throw fail.refused({
    what: `${setting} on chain ${chainId}`,
    where: setting,
    advice: 'it works on development chains only',
  })
}
