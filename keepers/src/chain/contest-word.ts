import { judgeAbi } from '@lockstep/deployments'
import { type Address, ContractFunctionExecutionError, zeroAddress } from 'viem'
import { span } from '../text.ts'
import { type Verdict, VERDICTS } from './contests.ts'
import { isUnreachable } from './connect.ts'
import type { Contracts } from './contracts.ts'
import { bitsOf, type Market, type MarketTerms } from './markets.ts'

/** What a market's contest says of itself; undefined where it says nothing: it may be any contract. */
export interface ContestWord {
  readonly verdict: Verdict | undefined
  /** Entrants that won; outcomes of the market where they are listed. */
  readonly winners: readonly number[]
  readonly entrants: number | undefined
  readonly secretUntil: number | undefined
  readonly decidedBy: number | undefined
}

export async function readContestWord(
  { chain }: Contracts,
  { source, contest }: Pick<MarketTerms, 'source' | 'contest'>,
): Promise<ContestWord> {
  const ask = { abi: judgeAbi, address: source, args: [contest] } as const
  const [verdict, entrants, secretUntil, decidedBy] = await chain.client.multicall({
    contracts: [
      { ...ask, functionName: 'verdictOf' },
      { ...ask, functionName: 'entrantsOf' },
      { ...ask, functionName: 'secretUntil' },
      { ...ask, functionName: 'decidedBy' },
    ],
    deployless: true,
  })
  // Running out of gas is the contest's doing, a lost connection is not.
  if (verdict.error !== undefined && isUnreachable(verdict.error)) throw verdict.error
  return {
    verdict: verdict.result === undefined ? undefined : VERDICTS[verdict.result[0]],
    winners: verdict.result === undefined ? [] : bitsOf(verdict.result[1]),
    entrants: entrants.result === undefined ? undefined : Number(entrants.result),
    secretUntil: secretUntil.result,
    decidedBy: decidedBy.result,
  }
}

/** `HOLD_SECONDS` of Delphi.sol. */
const DELPHI_HOLD_SECONDS = 365 * 86_400

/** Why a market cannot be resolved now (docs/spec/delphi.md, section 3.1); undefined if it can. */
export function whyNotYet(
  { terms }: Pick<Market, 'terms'>,
  { verdict }: ContestWord,
  time: bigint,
): string | undefined {
  const now = Number(time)
  const { closesAt, voidsAt } = terms
  if (now <= closesAt)
    return `it trades until second ${closesAt}, for ${span(closesAt - now + 1)} more`
  if (verdict === 'decided' || verdict === 'void') return undefined
  if (verdict === 'held') {
    const until = voidsAt + DELPHI_HOLD_SECONDS
    return now > until
      ? undefined
      : `its contest waits for a result that is still to be ruled on; it is void after second ${until} at the latest`
  }
  if (now > voidsAt) return undefined
  return `its contest has not decided; it is void after second ${voidsAt}, in ${span(voidsAt - now + 1)}, if that stays so`
}

// A request holds the calls and the contract that makes them: nodes take no more than 48 KiB of that (EIP-3860).
const CALLS_AT_ONCE_BYTES = 4096

/** Who owns each outcome's entrant; undefined where the contest names nobody. Rejects where it could not be asked. */
export async function readOwners(
  { chain }: Pick<Contracts, 'chain'>,
  { source, contest }: Pick<MarketTerms, 'source' | 'contest'>,
  outcomes: number,
): Promise<(Address | undefined)[]> {
  const ask = { abi: judgeAbi, address: source, functionName: 'ownerOf' } as const
  const answers = await chain.client.multicall({
    contracts: Array.from({ length: outcomes }, (_, i) => ({ ...ask, args: [contest, BigInt(i)] })),
    deployless: true,
    batchSize: CALLS_AT_ONCE_BYTES,
  })
  return answers.map(({ result, error }) => {
    // Every entry of a request that failed has the error of the request, not one of its own call.
    if (error instanceof ContractFunctionExecutionError && error.functionName !== 'ownerOf')
      throw error
    return result === zeroAddress ? undefined : result
  })
}
