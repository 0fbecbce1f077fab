import { verdeAbi } from '@lockstep/deployments'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TransactionReceipt } from 'viem'
import { chainError, type Head } from '../chain/connect.ts'
import type { Contracts } from '../chain/contracts.ts'
import type { Sender } from '../chain/sender.ts'
import { transact } from '../chain/transact.ts'
import { ExitCode, LockstepError, oneLine } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { ReceiptBook } from '../receipts/book.ts'
import type { Workshop } from '../trace/workshop.ts'
import type { Plan } from '../walk/plan.ts'
import type { SharedTraces } from './shared-traces.ts'

/** What every role works with. */
export interface Keeper {
  readonly contracts: Contracts
  readonly sender: Sender
  readonly workshop: Workshop
  /** What strangers may ask about. */
  readonly shared: SharedTraces
  /** Receipts of this keeper's claims. */
  readonly receipts: ReceiptBook
  readonly log: Log
  readonly metrics: Metrics
}

/** What a role does in one state of the chain: on its own turn, or when the other side's time has run out. */
export interface Row<Scene> {
  readonly act?: (scene: Scene) => Promise<void>
  readonly late?: (scene: Scene) => Promise<void>
}

/** One look at the chain and what follows from it. Returns whether anything is left to wait for. */
export type Tick = (head: Head) => Promise<boolean>

/**
 * Makes a planned move. The intent names the dispute and where it stands, so it is made once. Both ways to open a
 * dispute are one intent: a retry that chooses the other one must not open a second.
 */
export function move(keeper: Keeper, intent: string, plan: Plan): Promise<TransactionReceipt> {
  const { contracts, sender } = keeper
  const { functionName, args, valueWei } = plan
  const act = functionName === 'challengeByDemand' ? 'challenge' : functionName
  return transact(sender, `${act}:${intent}`, {
    abi: verdeAbi,
    address: contracts.verde,
    functionName,
    args,
    ...(valueWei === undefined ? {} : { valueWei }),
  })
}

/**
 * Does one thing and keeps its failure to itself, so that one bad job, claim or peer stops no other. A failure
 * is logged once as long as it stays the same. Returns whether it worked.
 */
export class Guard {
  readonly #keeper: Pick<Keeper, 'log' | 'metrics'>
  readonly #last = new Map<string, { readonly problem: string; readonly error: unknown }>()

  constructor(keeper: Pick<Keeper, 'log' | 'metrics'>) {
    this.#keeper = keeper
  }

  /** How a thing failed that has not worked since. */
  problem(what: string): unknown {
    return this.#last.get(what)?.error
  }

  async run(what: string, task: () => Promise<void>): Promise<boolean> {
    try {
      await task()
      this.#last.delete(what)
      return true
    } catch (error) {
      const code = error instanceof LockstepError ? error.code : 'internal'
      this.#keeper.metrics.failures.inc({ code })
      const problem = oneLine(error)
      const isKnown = this.#last.get(what)?.problem === problem
      this.#last.set(what, { problem, error })
      if (isKnown) return false
      if (error instanceof LockstepError) this.#keeper.log.warn({ code, problem }, what)
      else this.#keeper.log.error({ problem, stack: (error as Error).stack }, what)
      return false
    }
  }
}

/** Whether a failure stays until a person does something: neither the chain nor another try will mend it. */
export function isLasting(error: unknown): error is LockstepError {
  const passing: number[] = [ExitCode.chain, ExitCode.transaction, ExitCode.internal]
  return error instanceof LockstepError && !passing.includes(error.exit)
}

/**
 * Looks at the chain again and again until the signal comes or, with `once`, nothing is left to wait for; rejects then
 * with what keeps it from all that is left.
 */
export async function loop(
  keeper: Pick<Keeper, 'log' | 'metrics' | 'contracts' | 'sender'>,
  tick: Tick,
  options: { pollSeconds: number; once: boolean; rpc: string; signal: AbortSignal },
): Promise<void> {
  const { log, metrics, contracts, sender } = keeper
  let lastProblem: string | undefined
  while (!options.signal.aborted) {
    try {
      const head = await contracts.chain.head()
      metrics.looked(head)
      await sender.noteBalance()
      const busy = await tick(head)
      metrics.ready.set(1)
      lastProblem = undefined
      if (options.once && !busy) return
    } catch (error) {
      if (options.once && isLasting(error)) throw error
      const problem = chainError(error, options.rpc)
      metrics.ready.set(0)
      metrics.failures.inc({ code: problem.code })
      if (problem.message !== lastProblem) {
        log.error({ code: problem.code, problem: problem.message }, 'waiting')
      }
      lastProblem = problem.message
    }
    await sleep(options.pollSeconds * 1000, undefined, { signal: options.signal }).catch(() => {})
  }
}
