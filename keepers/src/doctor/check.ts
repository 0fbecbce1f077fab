import { setTimeout as sleep } from 'node:timers/promises'
import { BaseError } from 'viem'
import { LockstepError, oneLine } from '../errors.ts'

/** What a check has come to; skipped: what it needs was not there, which another check says. */
export type Verdict = 'ok' | 'warning' | 'failed' | 'skipped'

export interface Finding {
  readonly verdict: Verdict
  /** What was found, with its figures. */
  readonly found: string
  /** What to do about it; of what is not ok. */
  readonly advice?: string
}

export interface Check {
  readonly name: string
  /** It may take so long at most; what can hang without end gives up by itself before. */
  readonly run: (seconds: number) => Promise<Finding>
}

export interface Checked extends Finding {
  readonly name: string
}

export const ok = (found: string): Finding => ({ verdict: 'ok', found })
export const warning = (found: string, advice: string): Finding => ({
  verdict: 'warning',
  found,
  advice,
})
export const failed = (found: string, advice: string): Finding => ({
  verdict: 'failed',
  found,
  advice,
})
export const skipped = (found: string): Finding => ({ verdict: 'skipped', found })

/** Runs checks side by side, each for so long at most, and gives their findings in the order of the checks. */
export function runChecks(checks: readonly Check[], seconds: number): Promise<Checked[]> {
  return Promise.all(
    checks.map(async ({ name, run }) => ({ name, ...(await within(seconds, run)) })),
  )
}

async function within(seconds: number, run: Check['run']): Promise<Finding> {
  const late = sleep(
    1000 * seconds,
    failed(
      `no answer within ${seconds} s`,
      'whatever it asks does not answer; --timeout-seconds waits longer',
    ),
    { ref: false },
  )
  const found = run(seconds).catch((error: unknown) =>
    error instanceof LockstepError
      ? failed(`${error.what} (${error.where})`, error.advice)
      : failed(messageOf(error), 'check that what it asks is there and answers'),
  )
  return Promise.race([found, late])
}

/** What went wrong in one line, without the request that viem tells of. */
export const messageOf = (error: unknown): string =>
  error instanceof BaseError ? oneLine(error.shortMessage) : oneLine(error)
