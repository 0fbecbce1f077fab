import { judgeAbi } from '@lockstep/deployments'
import type { Hash } from '@lockstep/repops'
import {
  type ContractEventName,
  type ContractFunctionArgs,
  parseEventLogs,
  type TransactionReceipt,
} from 'viem'
import { contestName, type Contest, type Evaluation, readEvaluator } from '../chain/contests.ts'
import { transactPaying } from '../chain/transact.ts'
import { fail } from '../errors.ts'
import type { Office } from './office.ts'

type Acting = Pick<Office, 'contracts' | 'sender' | 'log'>

/** Posts the job of an evaluation, paid from the entrant's escrow; its number. */
export async function orderEvaluation(
  office: Acting,
  contest: Contest,
  entrant: number,
  round: number,
): Promise<bigint> {
  const evaluator = await termsOf(office, contest)
  const args = [contest.id, BigInt(entrant), BigInt(round), evaluator] as const
  const receipt = await judge(office, 'order', `${entrant}:${round}`, args)
  const { job } = eventOf(office, receipt, 'EvaluationOrdered')
  office.log.info({ contest: contestName(contest.id), entrant, round, job: String(job) }, 'ordered')
  return job
}

/** Takes over the score of a settled evaluation; `proof` opens it in the job's final state. */
export async function reportScore(
  office: Acting,
  contest: Contest,
  { entrant, round }: { entrant: number; round: number },
  score: number,
  proof: readonly Hash[],
): Promise<void> {
  const evaluator = await termsOf(office, contest)
  const args = [contest.id, BigInt(entrant), BigInt(round), evaluator, score, proof] as const
  await judge(office, 'report', `${entrant}:${round}`, args)
  office.log.info({ contest: contestName(contest.id), entrant, round, score }, 'reported')
}

/** Says of a settled evaluation that it is not reported. */
export async function giveNotice(
  office: Acting,
  contest: Contest,
  entrant: number,
  round: number,
): Promise<void> {
  const args = [contest.id, BigInt(entrant), BigInt(round)] as const
  await judge(office, 'giveNotice', `${entrant}:${round}`, args)
  office.log.warn({ contest: contestName(contest.id), entrant, round }, 'gave notice')
}

/** Gives up an evaluation that nobody solved in time, or that was not reported after notice. */
export async function dropEvaluation(
  office: Acting,
  contest: Contest,
  entrant: number,
  round: number,
): Promise<void> {
  const args = [contest.id, BigInt(entrant), BigInt(round)] as const
  await judge(office, 'drop', `${entrant}:${round}`, args)
  office.log.warn({ contest: contestName(contest.id), entrant, round }, 'dropped')
}

/** Keeps a contest's verdict, which must be decided or void by now. */
export async function concludeContest(office: Acting, contest: Contest): Promise<void> {
  const { verdict, winners } = contest
  await judge(office, 'conclude', '', [contest.id])
  office.log.info({ contest: contestName(contest.id), verdict, winners }, 'concluded')
}

/** Pays what is left of an entrant's escrow to its owner; $AI wei. */
export async function returnEscrow(
  office: Acting,
  contest: Contest,
  entrant: number,
): Promise<bigint> {
  // A drop adds to the escrow, which is then to be returned once more.
  const isPending = (of: Evaluation) => of.entrant === entrant && of.isPending
  const intent = `${entrant}:${contest.evaluations.filter(isPending).length}`
  const receipt = await judge(office, 'returnEscrow', intent, [contest.id, BigInt(entrant)])
  const { amount } = eventOf(office, receipt, 'EscrowReturned')
  const fields = { contest: contestName(contest.id), entrant, amount: String(amount) }
  office.log.info(fields, 'escrow returned')
  return amount
}

type Move =
  | 'open'
  | 'registerEvaluator'
  | 'enter'
  | 'revealEntry'
  | 'revealTestSet'
  | 'order'
  | 'report'
  | 'giveNotice'
  | 'drop'
  | 'conclude'
  | 'returnEscrow'

/**
 * One call of Judge, which takes `amount` $AI wei; `what` names what it acts on inside the contest, so that it is made
 * once.
 */
export function judge<N extends Move>(
  { contracts, sender }: Pick<Office, 'contracts' | 'sender'>,
  functionName: N,
  what: string,
  args: ContractFunctionArgs<typeof judgeAbi, 'nonpayable', N>,
  amount = 0n,
): Promise<TransactionReceipt> {
  const [first] = args as readonly unknown[]
  const of = typeof first === 'bigint' ? contestName(first) : ''
  const intent = [functionName, of, what].filter((part) => part !== '').join(':')
  const call = { abi: judgeAbi, address: contracts.judge, functionName, args } as const
  return transactPaying(contracts, sender, intent, amount, call as never)
}

/** What an event of Judge says in a receipt that must hold it. */
export function eventOf<N extends ContractEventName<typeof judgeAbi>>(
  { contracts }: Pick<Office, 'contracts'>,
  receipt: TransactionReceipt,
  eventName: N,
): EventArgs<N> {
  const logs = parseEventLogs({ abi: judgeAbi, eventName, logs: receipt.logs })
  const found = logs.find(({ address }) => address.toLowerCase() === contracts.judge.toLowerCase())
  if (found !== undefined) return found.args as EventArgs<N>
  throw fail.lyingRpc({
    what: `the receipt does not hold the event ${eventName}`,
    where: `transaction ${receipt.transactionHash}`,
    advice: 'use another --rpc',
  })
}

type EventArgs<N extends ContractEventName<typeof judgeAbi>> = ReturnType<
  typeof parseEventLogs<typeof judgeAbi, true, N>
>[number]['args']

async function termsOf({ contracts }: Acting, { evaluator }: Contest) {
  const { number } = await contracts.chain.head()
  return readEvaluator(contracts, evaluator, number)
}
