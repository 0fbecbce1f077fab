import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a demo ended, and what it told. */
export interface Played {
  readonly code: number | null
  /** Of standard output. */
  readonly lines: readonly string[]
  readonly errors: string
}

/** A demo that plays, as a process of its own. */
export interface Playing {
  readonly ended: Promise<Played>
  /** The first line that matches, as soon as it is there; rejects if it ends without one. */
  told(pattern: RegExp): Promise<RegExpExecArray>
  /** Interrupts it. */
  stop(): void
}

/** Runs `npm run demo -- …` or `npm run demo:market -- …`. */
export function play(demo: 'demo' | 'demo-market', args: readonly string[]): Playing {
  const script = fileURLToPath(new URL(`../../../tools/${demo}.mjs`, import.meta.url))
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let errors = ''
  const listeners = new Set<() => void>()
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    for (const look of listeners) look()
  })
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = new Promise<Played>((resolve) =>
    child.once('close', (code) => {
      resolve({ code, lines: out.trimEnd().split('\n'), errors })
    }),
  )
  const told = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        // What is behind the last end of a line is no whole line yet.
        for (const line of out.split('\n').slice(0, -1)) {
          const found = pattern.exec(line)
          if (found === null) continue
          listeners.delete(look)
          resolve(found)
          return
        }
      }
      listeners.add(look)
      look()
      void ended.then(({ code }) => {
        const last = `${out.slice(-500)}${errors.slice(-500)}`
        reject(new Error(`it ended with ${code} and never told ${String(pattern)}: ${last}`))
      })
    })
  return { ended, told, stop: () => child.kill('SIGTERM') }
}
