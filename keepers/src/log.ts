import pino from 'pino'
import pretty from 'pino-pretty'

export type Log = pino.Logger

/**
 * Structured log on stderr, one JSON object a line; readable text where stderr is a terminal. stdout is left
 * to results, so that `--json` can be piped. Lines are written as they are said, before whatever comes after them.
 */
export function createLog(level: string, role: string): Log {
  const options = { level, base: { role } }
  return process.stderr.isTTY && level !== 'silent'
    ? pino(options, pretty({ destination: 2, ignore: 'pid,hostname', sync: true }))
    : pino(options, pino.destination({ dest: 2, sync: true }))
}
