import { Presets, SingleBar } from 'cli-progress'
import type { Log } from './log.ts'

export interface Progress {
  update(done: number, note?: string): void
  stop(): void
}

/** How often a line is said where there is no terminal. */
const LINE_SECONDS = 10

/**
 * How far a long work has come, on stderr: a bar where that is a terminal; otherwise, of a command whose log is given and
 * not silent, a line every ten seconds. Roles say it in their log themselves.
 */
export function createProgress(
  label: string,
  total: number,
  { done = 0, log }: { readonly done?: number; readonly log?: Log | undefined } = {},
): Progress {
  if (process.stderr.isTTY) return bar(label, total, done)
  if (log === undefined || log.level === 'silent') return { update: () => {}, stop: () => {} }
  let last = performance.now()
  return {
    update: (value, note = '') => {
      const now = performance.now()
      if (now - last < 1000 * LINE_SECONDS) return
      last = now
      process.stderr.write(`${label}: ${value} of ${total}${note === '' ? '' : `, ${note}`}\n`)
    },
    stop: () => {},
  }
}

function bar(label: string, total: number, done: number): Progress {
  const options = {
    format: `${label} {bar} {value}/{total} · {eta_formatted} left {note}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  }
  const shown = new SingleBar(options, Presets.shades_classic)
  shown.start(total, done, { note: '' })
  return {
    update: (value, note) => {
      shown.update(value, note === undefined ? {} : { note })
    },
    stop: () => {
      if (shown.isActive) shown.stop()
    },
  }
}
