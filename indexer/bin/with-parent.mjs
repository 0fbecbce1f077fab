// Loaded before the indexer: ends it when the process that started it is gone, however that came about. That process
// holds the other end of stdin.
import { setImmediate, setInterval, setTimeout } from 'node:timers'
import { isMainThread } from 'node:worker_threads'

const PATIENCE_MS = 5_000

// Ponder gives back its lock on the tables as it ends, which takes a statement to the database. Vite, with which it
// loads our files, ends the process before that: on SIGTERM, and where stdin ends unless this says that it will.
process.env.CI = 'true'
process.on('newListener', (signal, listener) => {
  if (signal === 'SIGTERM' && listener.name === 'closeServerAndExit') {
    setImmediate(() => process.off(signal, listener))
  }
})

let isEnding = false
const end = () => {
  if (isEnding) return
  isEnding = true
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.exit(1), PATIENCE_MS)
}
// Threads load it too, and have another stdin.
if (isMainThread) {
  process.stdin.on('end', end).on('close', end).on('error', end).resume()
  process.stdin.unref?.()
  // Whoever is adopted by another process has lost its own, whatever became of the pipe.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && end(), PATIENCE_MS).unref()
}
