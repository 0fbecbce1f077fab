import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { fail } from '../errors.ts'

/**
 * Holds `path` for this process; returns the release. Two keepers with one key or one folder would race for
 * nonces, so the second is refused. A lock whose process is gone (kill -9) is taken over.
 */
export function holdLock(path: string): () => void {
  mkdirSync(dirname(path), { recursive: true })
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = openSync(path, 'wx')
      writeSync(file, String(process.pid))
      closeSync(file)
      return () => {
        if (readOwner(path) === process.pid) rmSync(path, { force: true })
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const owner = readOwner(path)
      if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
        throw fail.inUse({
          what: `another lockstep process (pid ${owner}) uses this home`,
          where: path,
          advice: 'stop it, or give this one its own --home',
        })
      }
      rmSync(path, { force: true })
    }
  }
  throw fail.inUse({
    what: 'the lock of this home is being taken by another process',
    where: path,
    advice: 'try again, or give this one its own --home',
  })
}

function readOwner(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
