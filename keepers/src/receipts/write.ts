import { REPOPS_VERSION } from '@lockstep/repops'
import type { LocalAccount } from 'viem'
import type { Claim } from '../chain/claims.ts'
import type { Contracts } from '../chain/contracts.ts'
import type { Trace } from '../trace/trace.ts'
import { programRootOf } from '../trace/workshop.ts'
import { checkReceipt } from './check.ts'
import { readEvaluation } from './evaluation.ts'
import { type Evaluation, MOST_ROOTS, type Receipt, RECEIPT_VERSION } from './receipt.ts'
import { signReceipt } from './sign.ts'
import { spacing, stateRoots } from './state-roots.ts'

/** The claim that a receipt is of. */
export interface ReceiptOf {
  readonly job: bigint
  /** The attempt of the job that made the claim. */
  readonly attempt: number
  readonly claim: Pick<Claim, 'id' | 'solver' | 'checkpointRoot' | 'finalStateRoot'>
  /** Where the artifacts can be fetched. */
  readonly uri: string | undefined
}

/**
 * The receipt of a claim, from a complete run that has the claimed roots; signed where an account is given. What an
 * evaluation is of is read from the chain, its score from the run.
 */
export async function writeReceipt(
  contracts: Contracts,
  of: ReceiptOf,
  trace: Trace,
  account?: LocalAccount,
): Promise<Receipt> {
  const { id, genesis } = contracts.chain
  const evaluation = await readEvaluation(contracts, of.job, trace)
  const chain = { id, genesis, jobRegistry: contracts.jobRegistry }
  const receipt = await composeReceipt(chain, of, trace, evaluation)
  return account === undefined ? receipt : signReceipt(receipt, account)
}

/** The same, of a chain that is not asked, and unsigned. Throws a `bad-receipt` where claim and run disagree. */
export async function composeReceipt(
  chain: Receipt['chain'],
  { job, attempt, claim, uri }: ReceiptOf,
  trace: Trace,
  evaluation?: Evaluation,
): Promise<Receipt> {
  const { computation } = trace.work
  const every = spacing(computation)
  const outputs = computation.states > MOST_ROOTS ? undefined : await trace.finalTensors()
  const receipt: Receipt = {
    format: 'lockstep-receipt',
    version: RECEIPT_VERSION,
    repops: REPOPS_VERSION,
    chain,
    job,
    attempt,
    claim: claim.id,
    solver: claim.solver,
    program: programRootOf(computation),
    computation,
    checkpointRoot: claim.checkpointRoot,
    finalStateRoot: claim.finalStateRoot,
    ...(outputs === undefined ? {} : { outputs }),
    trace: { every, roots: await stateRoots(trace, every) },
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(uri === undefined || uri === '' ? {} : { uri }),
    signatures: [],
  }
  checkReceipt(receipt, `job ${job}, attempt ${attempt}`)
  return receipt
}
