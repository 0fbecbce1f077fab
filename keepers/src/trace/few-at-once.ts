import type { Backend, Executable } from '@lockstep/repops'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fail } from '../errors.ts'

const POOL_THREADS = 4 // of libuv, where nothing else is said
const MOST_POOL_THREADS = 1024
const KEPT_FREE = 2

/**
 * How many kernels a process may run at a time. Each holds a thread of libuv's pool until it ends; two are left to read
 * files and to find hosts, where there are more than two: of fewer one kernel takes one, and with a single one files
 * and hosts wait for it. One kernel fills the processor, so nothing is lost.
 */
export function kernelsAtOnce(poolThreads: string | undefined): number {
  const threads = poolThreads === undefined ? POOL_THREADS : Number(poolThreads)
  const isCount = Number.isInteger(threads) && threads >= 1 && threads <= MOST_POOL_THREADS
  if (!isCount || poolThreads?.trim() === '')
    throw fail.badSetting({
      what: `${JSON.stringify(poolThreads)} is not a number of threads`,
      where: 'UV_THREADPOOL_SIZE',
      advice: `set it to a whole number from 1 to ${MOST_POOL_THREADS}, or leave it out for ${POOL_THREADS}`,
    })
  return Math.max(1, threads - KEPT_FREE)
}

/**
 * The same backend, of which at most `most` calls compute at a time; the others wait in their order. The event loop goes
 * round behind each: some backends compute in its thread, and a run on them would leave it to nobody else.
 */
export function fewAtOnce(backend: Backend, most: number): Backend {
  let free = most
  const waiting: (() => void)[] = []
  const admit = async <T>(task: () => Promise<T>): Promise<T> => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await task()
    } finally {
      await nextTurn()
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
  return {
    name: backend.name,
    fuses: backend.fuses,
    ...(backend.isolates === undefined ? {} : { isolates: backend.isolates }),
    needs: (plan) => backend.needs(plan),
    close: () => backend.close(),
    compile: async (plan) => {
      const executable = await backend.compile(plan)
      const limited: Executable = {
        run: (...range) => admit(() => executable.run(...range)),
        roots: (slots) => admit(() => executable.roots(slots)),
        read: (slot) => executable.read(slot),
        write: (slot, words) => executable.write(slot, words),
        close: () => executable.close(),
      }
      return limited
    },
  }
}
