import { ai } from '../format/number.ts'
import type { ChainMarket } from './readMarket.ts'

/** Why the chain would refuse what takes so much $AI; what is known before anything is asked of the wallet. */
export function refusalOf({ own }: ChainMarket, takes: bigint): string | undefined {
  if (own === undefined) return undefined
  if (takes > own.balance)
    return `This takes up to ${ai(takes)}, and the account has ${ai(own.balance)}.`
  if (own.ether === 0n) return 'The account has no ether to pay for gas.'
  return undefined
}
