import { CommanderError } from 'commander'
import { ExitCode, LockstepError, oneLine } from '../errors.ts'
import { type DemoReport, runDemo } from './demo.ts'
import { parseOptions } from './options.ts'

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    stop.abort()
  })
}

// With --json, standard output ends with the object, and lines for people come before it.
try {
  const options = parseOptions(process.argv.slice(2))
  const report = await runDemo(options, console.log, stop.signal)
  summarise(report)
  if (options.json) console.log(JSON.stringify(report))
} catch (error) {
  process.exitCode = statusOf(error)
  if (process.exitCode !== 0) console.error(`demo: ${oneLine(error).replace(/^error: /, '')}`)
}

/** The statuses of `lockstep`; help is no error. */
function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.usage
  return error instanceof LockstepError ? error.exit : ExitCode.internal
}

function summarise({ jobs, disputes, seconds }: DemoReport): void {
  console.log('')
  for (const { id, status, lossFirst, lossLast, paid } of jobs) {
    console.log(
      `job ${id}: ${status}, loss ${lossFirst?.toFixed(4)} → ${lossLast?.toFixed(4)}, ${paid} $AI paid`,
    )
  }
  for (const { job, winner, slashed, challengerReward, transactions, gas, path } of disputes) {
    console.log(
      `dispute over job ${job}: the ${winner} won in ${transactions} transactions and ${gas.toLocaleString('en')} gas; ` +
        `${slashed} $AI slashed, ${challengerReward} to the challenger; ` +
        `checkpoint ${path.checkpoint} → step ${path.step} → node ${path.node} (${path.operator}) → ` +
        `element ${path.element} → segment ${path.segment}`,
    )
  }
  console.log(`${seconds.toFixed(0)} seconds`)
}
