import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

const BIN = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url))

/** `lockstep` on a terminal of its own, made by script(1), and somebody who types there. */
export class PseudoTerminal {
  /** The exit status. */
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  #shown = ''
  #seen = 0

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, columns = 120) {
    const quoted = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ')
    const command = `stty cols ${columns} rows 50; exec ${quoted}`
    // Of util-linux and of the BSDs.
    const words =
      process.platform === 'linux'
        ? ['-qefc', command, '/dev/null']
        : ['-qe', '/dev/null', 'sh', '-c', command]
    this.#child = spawn('script', words, {
      env: { ...process.env, ...env, SHELL: '/bin/sh', TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child.stdout!.on('data', (chunk: Buffer) => (this.#shown += chunk.toString()))
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject).once('close', resolve)
    })
  }

  /** All that was shown, without what moves the cursor. */
  get shown(): string {
    return stripVTControlCharacters(this.#shown).replaceAll('\r', '')
  }

  /** Types once something is shown that was not there at the last time. */
  async answer(question: string, keys: string, seconds = 30): Promise<void> {
    for (let waitedMs = 0; !this.shown.slice(this.#seen).includes(question); waitedMs += 20) {
      if (waitedMs >= 1000 * seconds)
        throw new Error(`${JSON.stringify(question)} is not shown: ${JSON.stringify(this.shown)}`)
      await sleep(20)
    }
    this.#seen = this.shown.length
    this.#child.stdin!.write(keys)
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }
}
