import { perpetualAbi } from '@lockstep/deployments'
import type { Address, ContractFunctionArgs, Hash } from 'viem'
import type { Head } from './connect.ts'
import type { Contracts } from './contracts.ts'
import type { KeptEvent } from './history.ts'

/** Terms of a series: `SeriesTerms` of IPerpetual.sol. */
export type SeriesTerms = KeptEvent<'SeriesCreated'>['args']['terms']

/** A series that goes on, epoch after epoch (docs/spec/delphi.md). */
export interface SeriesOf {
  readonly id: bigint
  readonly curator: Address
  readonly terms: SeriesTerms
}

/** All series that were created up to a block. */
export async function readSeries({ history }: Contracts, to: bigint): Promise<SeriesOf[]> {
  const created = await history.events('SeriesCreated', {}, to)
  return created.map(({ args }) => ({ id: args.series, curator: args.curator, terms: args.terms }))
}

/** A series' id as people read it. */
export const seriesName = (series: bigint): Hash => `0x${series.toString(16).padStart(64, '0')}`

type StepName = 'settle' | 'openContest' | 'openMarket' | 'payCurator' | 'claim'
/** A move that a series waits for. */
export interface Step<N extends StepName = StepName> {
  readonly functionName: N
  readonly args: ContractFunctionArgs<typeof perpetualAbi, 'nonpayable', N>
}

/**
 * The steps of a series that can be taken now, in the order in which they are to be: each is simulated behind those
 * before it, and what the contract refuses is not due. `account`: whose part of fees and of turns is asked for too;
 * of a market that goes on only where it is `minFees` wei at least.
 */
export async function stepsDue(
  { chain, perpetual }: Contracts,
  { id, curator, terms }: SeriesOf,
  account: Address,
  { number }: Head,
  minFees: bigint,
): Promise<Step[]> {
  const contract = { abi: perpetualAbi, address: perpetual } as const
  const { opened, live } = await chain.client.readContract({
    ...contract,
    functionName: 'seriesOf',
    args: [id],
    blockNumber: number,
  })
  const isCurator = curator.toLowerCase() === account.toLowerCase()
  const epochs = isCurator
    ? Array.from({ length: Math.min(opened, EPOCHS) }, (_, i) => opened - 1 - i)
    : []
  /** A step, and whether what it would return makes it worth taking. */
  const steps: readonly (readonly [Step, (result: unknown) => boolean])[] = [
    [{ functionName: 'settle', args: [id] }, always],
    [{ functionName: 'openContest', args: [id, terms] }, always],
    [{ functionName: 'openMarket', args: [id, terms] }, always],
    ...epochs.map((epoch) => {
      const step: Step = { functionName: 'payCurator', args: [id, BigInt(epoch)] }
      const least = epoch === live - 1 ? minFees : 1n
      return [step, (paid: unknown) => (paid as bigint) >= least] as const
    }),
    [{ functionName: 'claim', args: [id, account] }, (claimed) => !isNothing(claimed)],
  ]
  const answers = (await chain.client.multicall({
    contracts: steps.map(([step]) => ({ ...contract, ...step })) as never,
    deployless: true,
    batchSize: 1 << 16,
    blockNumber: number,
  })) as readonly { readonly status: string; readonly result?: unknown }[]
  return steps
    .filter(([, isWorth], i) => answers[i].status === 'success' && isWorth(answers[i].result))
    .map(([step]) => step)
}

const always = () => true

// A curator that looked in none of so many epochs collects by hand.
const EPOCHS = 16

/** Whether a claim would give neither assets nor shares. */
const isNothing = (claimed: unknown): boolean =>
  (claimed as readonly bigint[]).every((amount) => amount === 0n)
