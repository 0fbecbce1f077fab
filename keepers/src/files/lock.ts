import { spawnSync } from 'node:child_process'
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { fail } from '../errors.ts'

/** What two processes would share, and what each needs of its own instead. */
const OWN = {
  'this key in this home': 'a --home and a key',
  'this home for a network': 'a --home',
  'this run': 'a --home',
}

/**
 * Holds `path` for this process; returns the release. Two keepers with one key would race for nonces, and two in one
 * folder would write one run, so the second is refused; `shared` names in its error what it would share. The operating
 * system holds the lock for the open file and drops it when the process is gone, however it ended: a lock cannot be
 * stale, and which process ids are in use plays no part. What the file says of its holder is for people only; the
 * file itself stays.
 */
export function holdLock(
  path: string,
  shared: keyof typeof OWN = 'this key in this home',
): () => void {
  mkdirSync(dirname(path), { recursive: true })
  const file = openLocked(path)
  if (file === undefined) {
    throw fail.inUse({
      what: `another lockstep process${holderOf(path)} uses ${shared}`,
      where: path,
      advice: `stop it, or give this one ${OWN[shared]} of its own`,
    })
  }
  ftruncateSync(file)
  writeSync(file, `pid ${process.pid} on ${hostname()}\n`, 0)
  return () => {
    closeSync(file)
  }
}

// In O_EXLOCK of macOS (fcntl.h) and UV_FS_O_EXLOCK of libuv for Windows, neither of which Node names.
const EXCLUSIVE: Partial<Record<NodeJS.Platform, number>> = {
  darwin: 0x20 | constants.O_NONBLOCK,
  win32: 0x1000_0000,
}

/** The opened file with an exclusive lock on it; undefined where another one has the lock. */
function openLocked(path: string): number | undefined {
  const flags = constants.O_RDWR | constants.O_CREAT
  const exclusive = EXCLUSIVE[process.platform]
  if (exclusive === undefined) {
    const file = openSync(path, flags)
    if (lock(file, path)) return file
    closeSync(file)
    return undefined
  }
  try {
    return openSync(path, flags | exclusive)
  } catch (error) {
    if (['EAGAIN', 'EWOULDBLOCK', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined
    throw error
  }
}

/** flock(2), which Node lacks, by flock(1): the lock is on the open file, which the two processes share. */
function lock(file: number, path: string): boolean {
  const { status, error, stderr } = spawnSync('flock', ['-x', '-n', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', file],
    encoding: 'utf8',
  })
  if (status === 0) return true
  if (status === 1 && stderr === '') return false
  throw fail.badHome({
    what: `the lock cannot be taken: ${error?.message ?? (stderr.trim() || `flock ended with ${status}`)}`,
    where: path,
    advice: 'install flock (util-linux) and keep --home on a file system that has locks',
  })
}

/** Who wrote the file last, as far as it can be read. */
function holderOf(path: string): string {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return /^pid \d+ on \S{1,255}$/.test(text) ? ` (${text})` : ''
  } catch {
    return ''
  }
}
