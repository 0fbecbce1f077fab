import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Opened } from './open-once.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/open-backend.mjs', import.meta.url))

/** What came of opening a backend; hangs: it did not answer in time, and was given up. */
export type Probed = Opened | { readonly opens: false; readonly hangs: true }

/**
 * Opens a backend in a process of its own for so many seconds at most: its driver can neither hang this one nor bring it
 * down.
 * @param program what opens it
 */
export async function probeBackend(
  name: string,
  seconds: number,
  program = PROGRAM,
): Promise<Probed> {
  const child = fork(program, [name], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-1000)
  })
  let late: NodeJS.Timeout | undefined
  try {
    return await new Promise<Probed>((resolve, reject) => {
      child.once('message', (opened) => {
        resolve(opened as Opened)
      })
      child.once('error', reject)
      child.once('close', (status, signal) => {
        const how = signal === null ? `status ${String(status)}` : signal
        const last = said.trim().split('\n').at(-1)
        const problem = `the process that opened it ended with ${how}${last ? `: ${last}` : ''}`
        resolve({ opens: false, problem })
      })
      late = setTimeout(() => {
        resolve({ opens: false, hangs: true })
      }, 1000 * seconds)
    })
  } finally {
    clearTimeout(late)
    // One that is stuck in a driver may not even die: nobody waits for it.
    child.kill('SIGKILL')
    if (child.connected) child.disconnect()
    child.stderr!.destroy()
    child.unref()
  }
}
