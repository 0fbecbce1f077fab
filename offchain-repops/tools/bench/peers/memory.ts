import { Worker } from 'node:worker_threads'

const MEBIBYTES = 256

/**
 * Bytes a second that threads together read from memory: each searches memory of its own for a byte that is not there,
 * which Node leaves to the C library's memchr. Best of several.
 */
export async function readBandwidth(threads: number, rounds = 8): Promise<number> {
  const workers = Array.from({ length: threads }, () => new Worker(SEARCH, { eval: true }))
  const ask = (): Promise<unknown>[] =>
    workers.map((worker) => new Promise((resolve) => worker.once('message', resolve)))
  try {
    await Promise.all(ask())
    let best = Infinity
    for (let i = 0; i < rounds; i++) {
      const answers = ask()
      const start = performance.now()
      for (const worker of workers) worker.postMessage(REPEATS)
      await Promise.all(answers)
      best = Math.min(best, performance.now() - start)
    }
    return (threads * REPEATS * MEBIBYTES * 2 ** 20) / (best / 1000)
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

const REPEATS = 4

const SEARCH = `
  const { parentPort } = require('node:worker_threads')
  const memory = Buffer.alloc(${MEBIBYTES} * 2 ** 20, 1)
  parentPort.on('message', (repeats) => {
    let found = 0
    for (let i = 0; i < repeats; i++) found += memory.indexOf(2)
    parentPort.postMessage(found)
  })
  parentPort.postMessage(0)
`
