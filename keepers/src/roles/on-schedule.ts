import cron from 'node-cron'
import { chainError } from '../chain/connect.ts'
import { fail } from '../errors.ts'
import { type Keeper, type Tick } from './keeper.ts'

/** Throws unless it is a cron expression. */
export function checkSchedule(expression: string): void {
  const { valid, errors } = cron.validateDetailed(expression)
  if (valid) return
  throw fail.badSetting({
    what: `not a schedule: ${errors.map(({ message }) => message).join('; ')}`,
    where: 'flag --schedule <cron>',
    advice:
      'five fields, minute hour day month weekday, as in "*/5 * * * *"; six with seconds first',
  })
}

/**
 * Looks at the chain when a cron expression says so, and once at the start, until the signal comes. A look that is due
 * while another is under way is not begun beside it, and one that was missed, since the machine slept or the look
 * before took too long, is made up for by one as soon as it can be: a look does all that is due.
 */
export async function onSchedule(
  { log, metrics, contracts, sender }: Pick<Keeper, 'log' | 'metrics' | 'contracts' | 'sender'>,
  tick: Tick,
  options: { readonly schedule: string; readonly rpc: string; readonly signal: AbortSignal },
): Promise<void> {
  const { schedule, rpc, signal } = options
  const isStopped = (): boolean => signal.aborted
  if (isStopped()) return
  let running: Promise<void> | undefined
  let isMissed = false
  const takeMissed = (): boolean => {
    const was = isMissed
    isMissed = false
    return was
  }
  let lastProblem: string | undefined

  const look = async (): Promise<void> => {
    try {
      const head = await contracts.chain.head()
      metrics.looked(head)
      await sender.noteBalance()
      await tick(head)
      metrics.ready.set(1)
      lastProblem = undefined
    } catch (error) {
      const { code, message } = chainError(error, rpc)
      metrics.ready.set(0)
      metrics.failures.inc({ code })
      if (message !== lastProblem)
        log.error({ code, problem: message }, 'waiting for the next look')
      lastProblem = message
    }
  }
  const begin = (): void => {
    if (running !== undefined) {
      isMissed = true
      return
    }
    running = (async () => {
      do {
        await look()
      } while (takeMissed() && !isStopped())
      running = undefined
    })()
  }

  const task = cron.createTask(schedule, begin, { suppressMissedWarning: true })
  task.on('execution:missed', begin)
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve()
    })
  })
  begin()
  await task.start()
  await stopped
  await task.destroy()
  await running
}
