import { type Corruption, type Job, reference } from '@lockstep/repops'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalAccount } from 'viem'
import { createLog } from '../log.ts'
import { scoreOf } from '../receipts/evaluation.ts'
import type { Evaluation, Receipt } from '../receipts/receipt.ts'
import { computationId, signReceipt } from '../receipts/sign.ts'
import { composeReceipt } from '../receipts/write.ts'
import { storeOrder } from '../roles/submitter.ts'
import { FolderStore } from '../store/folder.ts'
import { Mirror } from '../store/mirror.ts'
import { Engine } from '../trace/engine.ts'
import { Trace } from '../trace/trace.ts'
import { fetchWork } from '../trace/work.ts'
import { asOrder } from './jobs.ts'

/** What a receipt made here says of its chain. */
export interface MadeUpClaim {
  readonly job: bigint
  readonly solver: LocalAccount
  readonly corruption?: Corruption
  /** Of an evaluation, all but its score. */
  readonly evaluation?: Omit<Evaluation, 'score'>
  readonly uri?: string
}

const CHAIN = {
  id: 31337,
  genesis: `0x${'9'.repeat(64)}`,
  jobRegistry: `0x${'a'.repeat(40)}`,
} as const

/**
 * The receipt of a job that was run here, on the reference, and of a claim that nobody made. What is needed to run it
 * again goes into a store at `folder`.
 */
export async function madeUpReceipt(
  job: Job,
  { job: id, solver, corruption, evaluation, uri }: MadeUpClaim,
  folder: string,
): Promise<Receipt> {
  const store = new FolderStore(folder)
  const { programRoot, computation } = storeOrder(asOrder(job), store)
  const computed = computationId(computation)
  const mirror = new Mirror(store, [], 2 ** 30, createLog('silent', 'test'))
  const work = await fetchWork(mirror, computed, programRoot, computation)
  const running = `${folder}-run`
  try {
    const own = mirror.into(new FolderStore(join(running, 'store')))
    const engine = new Engine(reference)
    const options = { engine, ...(corruption === undefined ? {} : { corruption }) }
    const trace = new Trace(work, own, options, running)
    await trace.run()
    const { checkpoints } = trace
    const claim = {
      id: 10n ** 20n + id,
      checkpointRoot: checkpoints.root,
      finalStateRoot: checkpoints.leaf(checkpoints.count - 1),
      solver: solver.address,
    }
    const of = { job: id, attempt: 1, claim, uri }
    const evaluated = evaluation && {
      ...evaluation,
      score: (await scoreOf(trace, evaluation.scoreState)) ?? NaN,
    }
    return await signReceipt(await composeReceipt(CHAIN, of, trace, evaluated), solver)
  } finally {
    rmSync(running, { recursive: true, force: true })
  }
}
