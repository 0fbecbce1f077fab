import pino from 'pino'

export type Log = pino.Logger

/**
 * Structured log on stderr, one JSON object a line; readable text where stderr is a terminal. stdout is left
 * to results, so that `--json` can be piped.
 */
export function createLog(level: string, role: string): Log {
  const options = { level, base: { role } }
  return process.stderr.isTTY && level !== 'silent'
    ? pino({
        ...options,
        transport: { target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname' } },
      })
    : pino(options, pino.destination({ dest: 2, sync: true }))
}
