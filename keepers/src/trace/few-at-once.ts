import type { Backend, Executable } from '@lockstep/repops'
import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * How many kernels this process runs at a time. Each holds a thread of libuv's pool until it ends, and without two that
 * are free the process reads no file and finds no host. One kernel fills the processor, so nothing is lost.
 */
export const MOST_AT_ONCE = Math.max(1, Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 2)

/**
 * The same backend, of which at most `most` calls compute at a time; the others wait in their order. The event loop goes
 * round behind each: some backends compute in its thread, and a run on them would leave it to nobody else.
 */
export function fewAtOnce(backend: Backend, most = MOST_AT_ONCE): Backend {
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
