import { CommanderError } from 'commander'
import { ExitCode, LockstepError, oneLine } from '../errors.ts'

/**
 * Runs a play as a program: its lines, then its summary; with `json`, standard output ends with one object. With `stay`
 * what it played on is there until the program is interrupted.
 */
export async function playMain<O extends { readonly json: boolean; readonly stay: boolean }, R>(
  parse: (argv: readonly string[]) => O,
  play: (
    options: O,
    tell: (line: string) => void,
    signal: AbortSignal,
    ended: (report: R) => Promise<void>,
  ) => Promise<R>,
  summary: (report: R) => readonly string[],
): Promise<void> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      stop.abort()
    })
  }
  try {
    const options = parse(process.argv.slice(2))
    const { signal } = stop
    await play(options, console.log, signal, async (report) => {
      for (const line of ['', ...summary(report)]) console.log(line)
      if (options.stay) console.log('chain and page stay until Ctrl-C')
      if (options.json) console.log(JSON.stringify(report))
      if (options.stay && !signal.aborted)
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve)
        })
    })
  } catch (error) {
    process.exitCode = statusOf(error)
    if (process.exitCode !== 0) console.error(`demo: ${oneLine(error).replace(/^error: /, '')}`)
  }
}

/** The statuses of `lockstep`; help is no error. */
function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.usage
  return error instanceof LockstepError ? error.exit : ExitCode.internal
}
