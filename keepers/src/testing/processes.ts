import { WITH_PARENT } from '@lockstep/deployments/with-parent'
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url))

/** A line of a keeper's structured log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string }

/** A running `lockstep` process, its log as it comes, and its end. Whatever happens to the test, it does not outlive it. */
export class LockstepProcess {
  readonly lines: LogLine[] = []
  readonly ended: Promise<number | null>
  stdout = ''
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, ['--import', WITH_PARENT, BIN, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stdin!.on('error', () => undefined) // it ended first
    this.#child.stdout!.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()))
    createInterface({ input: this.#child.stderr! }).on('line', (text) => {
      this.lines.push(parse(text))
      for (const look of this.#waiting) look()
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        resolve(code)
        for (const look of this.#waiting) look()
      })
    })
  }

  /** The first log line for which `test` holds; rejects when the process ends before there is one. */
  async line(test: (line: LogLine) => boolean, seconds = 60): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        act()
      }
      const look = () => {
        const found = this.lines.find(test)
        if (found !== undefined)
          finish(() => {
            resolve(found)
          })
        else if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
          finish(() => {
            reject(new Error(`the process ended: ${JSON.stringify(this.lines.slice(-3))}`))
          })
        }
      }
      const timer = setTimeout(() => {
        finish(() => {
          reject(new Error(`no such line: ${JSON.stringify(this.lines.slice(-5))}`))
        })
      }, seconds * 1000)
      this.#waiting.add(look)
      look()
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal)
    return this.ended
  }
}

function parse(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return { msg: text }
  }
}
