import { WITH_PARENT } from '@lockstep/deployments/with-parent'
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const LOCKSTEP = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url))

/** One line of a role's structured log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string }

export interface RoleOptions {
  readonly name: string
  /** Arguments of the lockstep command line, the command first. */
  readonly args: readonly string[]
  readonly privateKey: string
  /** Settings by their environment variables: of these a command takes what it knows. */
  readonly env?: Readonly<Record<string, string>>
  /** Where everything that the role logs is kept. */
  readonly logFile: string
  readonly onLog?: (line: LogLine) => void
  /** Told when the role ends by itself with an error. */
  readonly onEnd?: (problem: string) => void
}

const STOP_MILLISECONDS = 5_000

/**
 * A role of the network as a process of its own: the command line that an operator would run. It ends with `stop`, or
 * with this process, even one that is killed: that holds the other end of its standard input.
 */
export class Role {
  readonly name: string
  readonly #child: ChildProcess
  readonly #log: WriteStream
  readonly #ended: Promise<number | null>
  #lastLine = ''
  #stopping = false

  constructor({ name, args, privateKey, env = {}, logFile, onLog, onEnd }: RoleOptions) {
    this.name = name
    this.#log = createWriteStream(logFile, { flags: 'a' })
    this.#child = spawn(process.execPath, ['--import', WITH_PARENT, LOCKSTEP, ...args], {
      env: { ...process.env, ...env, LOCKSTEP_PRIVATE_KEY: privateKey },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stdin!.on('error', () => undefined) // it ended first
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', () => {
        resolve(null)
      })
      this.#child.once('close', (code) => {
        resolve(code)
      })
    })
    createInterface({ input: this.#child.stderr! }).on('line', (text) => {
      this.#log.write(`${text}\n`)
      const line = parse(text)
      this.#lastLine = line === undefined ? text : wordsOf(line)
      if (line !== undefined) onLog?.(line)
    })
    this.stdout = collect(this.#child)
    void this.#ended.then((code) => {
      this.#log.end()
      if (!this.#stopping && code !== 0)
        onEnd?.(`${name} ended with ${statusText(code)}, its last words: ${this.#lastLine}`)
    })
  }

  /** Everything the process writes to standard output, once it has ended. */
  readonly stdout: Promise<string>

  /** Waits for a command that ends by itself; throws with its last words if it fails. */
  async result(): Promise<string> {
    this.#stopping = true
    const code = await this.#ended
    const text = await this.stdout
    // With --json a command says on standard output what went wrong.
    if (code !== 0) throw new Error(`${this.name} failed: ${text.trim() || this.#lastLine}`)
    return text
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#child.stdin!.end()
    const late = sleep(STOP_MILLISECONDS, 'late', { ref: false })
    if ((await Promise.race([this.#ended, late])) === 'late') {
      this.#child.kill('SIGKILL')
      await this.#ended
    }
  }
}

async function collect(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout!) text += String(chunk)
  return text
}

/** How a process has ended, by its exit status. */
export const statusText = (code: number | null): string =>
  code === null ? 'a signal' : `status ${code}`

const wordsOf = ({ msg, problem }: LogLine): string =>
  [msg, problem].filter((part) => typeof part === 'string').join(': ')

function parse(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine
  } catch {
    return undefined // a crash's stack trace, say; it is in the log file
  }
}
