import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../errors.ts'
import { holdLock } from '../files/lock.ts'

const LOCK = 'network.lock'

/**
 * The folder of a network, for this process alone and empty but for its lock. What an earlier network has left there is
 * removed, and told; a folder that is no network's is left as it is.
 * @returns the release
 */
export function holdEmptyFolder(folder: string, tell: (line: string) => void): () => void {
  const before = existsSync(folder) ? readdirSync(folder) : []
  if (before.length > 0 && !before.includes(LOCK)) {
    throw fail.exists({
      what: 'the folder has files that are of no local network, and nothing of them is removed',
      where: folder,
      advice: 'move it away, or choose another --home',
    })
  }
  const release = holdLock(join(folder, LOCK), 'this home for a network')
  const left = before.filter((name) => name !== LOCK)
  for (const name of left) rmSync(join(folder, name), { recursive: true, force: true })
  if (left.length > 0)
    tell(`what the last network left in ${folder} is removed: each begins with an empty chain`)
  return release
}
