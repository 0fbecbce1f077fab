import pino from 'pino'
import pretty from 'pino-pretty'

export type Log = pino.Logger

/**
 * Structured log of a role on stderr, one JSON object a line; readable text where stderr is a terminal. stdout is left
 * to results, so that `--json` can be piped. Lines are written as they are said, before whatever comes after them.
 */
export function createLog(level: string, role: string): Log {
  const options = { level, base: { role } }
  return process.stderr.isTTY && level !== 'silent'
    ? pino(options, pretty({ destination: 2, ignore: 'pid,hostname', sync: true }))
    : pino(options, pino.destination({ dest: 2, sync: true }))
}

/** What a command that ends by itself says beside its result, on stderr: a line for people each. */
export function createCommandLog(level: string): Log {
  const write = (line: string): void => {
    process.stderr.write(`${readable(line)}\n`)
  }
  return pino({ level, base: null, timestamp: false }, { write })
}

/** `warning: what is said (what it is about)`. */
function readable(line: string): string {
  const { level, msg, ...about } = JSON.parse(line) as Record<string, unknown> & { level: number }
  const names = pino.levels.labels[level] === 'warn' ? 'warning' : pino.levels.labels[level]
  const told = Object.entries(about).filter(([name]) => !TECHNICAL.has(name))
  const values = told.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return SELF_EXPLAINING.has(name) ? text : `${name} ${text}`
  })
  const said = `${String(msg)}${values.length === 0 ? '' : ` (${values.join(', ')})`}`
  return names === 'info' ? said : `${names}: ${said}`
}

// For whoever searches the log of a role.
const TECHNICAL: ReadonlySet<string> = new Set(['nonce', 'feeWei', 'l1FeeWei', 'computation'])
const SELF_EXPLAINING: ReadonlySet<string> = new Set(['problem', 'url', 'reason', 'failure'])
