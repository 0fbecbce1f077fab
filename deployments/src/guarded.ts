import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const GUARD = fileURLToPath(new URL('./guard.mjs', import.meta.url))

/**
 * Starts a program that ends once its stdin is ended, or with this process, even one that is killed. Its guard is in no
 * process group of ours: a terminal's Ctrl-C reaches neither of them, so this process ends it in its own time, and a
 * kill -9 of the whole group leaves the guard to do it.
 */
export function guarded(
  command: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): ChildProcessByStdio<Writable, Readable, Readable> {
  const child = spawn(process.execPath, [GUARD, ...command], {
    ...options,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  child.stdin.on('error', () => undefined) // it ended first
  return child
}
