import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  update(done: number, note?: string): void
  stop(): void
}

/** A progress bar on stderr where that is a terminal; nothing otherwise. */
export function createProgress(label: string, total: number, done = 0): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} }
  const bar = new SingleBar(
    {
      format: `${label} {bar} {value}/{total} · {eta_formatted} left {note}`,
      stream: process.stderr,
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  bar.start(total, done, { note: '' })
  return {
    update: (value, note) => {
      bar.update(value, note === undefined ? {} : { note })
    },
    stop: () => {
      bar.stop()
    },
  }
}
