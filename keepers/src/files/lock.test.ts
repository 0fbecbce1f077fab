import { Random } from '@lockstep/repops/testing'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holdLock } from './lock.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-lock-'))
  path = join(folder, 'deep', 'key.lock')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('one at a time; the error names the holder and the place', () => {
  const release = holdLock(path)
  expect(() => holdLock(path)).toThrow(expect.objectContaining({ code: 'in-use', exit: 8 }))
  expect(() => holdLock(path)).toThrow(`pid ${process.pid} on `)
  expect(() => holdLock(path)).toThrow(path)
  release()
  holdLock(path)()
})

test.each(['', 'rubbish\n', `pid ${process.pid} on here\n`, 'pid 1 on here\n'])(
  'what a file left behind says is no lock: %j',
  (text) => {
    holdLock(path)()
    writeFileSync(path, text)
    holdLock(path)()
  },
)

const PROCESSES = 6
const KILLS = 8

test('processes that race for it, killed at random, never hold it together', async () => {
  const script = fileURLToPath(new URL('../testing/take-turns.mts', import.meta.url))
  const diary = join(folder, 'diary')
  const killedAt = new Map<number, bigint>()
  const start = () =>
    spawn(process.execPath, ['--import', 'tsx', script, path, diary], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  const entries = () =>
    (existsSync(diary) ? readFileSync(diary, 'utf8') : '')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' '))
      .map(([pid, event, time]) => ({ pid: Number(pid), event, time: BigInt(time) }))
  const entered = () => new Set(entries().map(({ pid }) => pid))
  const kill = async (child: ChildProcess) => {
    killedAt.set(child.pid!, process.hrtime.bigint())
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
  }

  const children = Array.from({ length: PROCESSES }, start)
  const random = new Random(1)
  try {
    for (let kills = 0; kills < KILLS; ) {
      await sleep(random.below(40))
      // The one that holds it now, so that locks are left behind by the dead.
      const last = entries().at(-1)
      const at = children.findIndex(({ pid }) => pid === last?.pid)
      if (entered().size < PROCESSES || last?.event !== 'enter' || at < 0) continue
      await kill(children[at])
      children[at] = start()
      kills++
    }
    await expect.poll(() => entered().size, { timeout: 30_000 }).toBe(PROCESSES + KILLS)
  } finally {
    await Promise.all(children.map(kill))
  }

  let orphaned = 0
  let held: { pid: number } | undefined
  for (const { pid, event, time } of entries()) {
    if (event === 'enter') {
      if (held !== undefined) {
        // Its holder died with it: not before it was killed.
        const died = killedAt.get(held.pid)
        expect(died).toBeDefined()
        expect(time).toBeGreaterThan(died!)
        orphaned++
      }
      held = { pid }
    } else {
      expect(pid).toBe(held?.pid)
      held = undefined
    }
  }
  expect(orphaned).toBeGreaterThan(0)
})
