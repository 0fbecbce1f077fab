import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a bench script of this package writes to standard output. Throws where it fails. */
export function outputOf(script: string, ...options: readonly string[]): string {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url))
  const { status, stdout, error } = spawnSync(
    process.execPath,
    ['--import', 'tsx', path, ...options],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 2 ** 26 },
  )
  if (status !== 0) throw error ?? new Error(`${script} failed`)
  return stdout
}
