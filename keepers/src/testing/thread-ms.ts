import { existsSync, readFileSync } from 'node:fs'

/**
 * Milliseconds that the main thread has computed, where the system counts them: by the clock, other processes would
 * seem to hold up its event loop.
 */
export function threadMs(): number {
  const path = `/proc/self/task/${process.pid}/schedstat`
  return existsSync(path)
    ? Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6
    : performance.now()
}
