// Loaded before a program (node --import), or imported by one (src/guard.mjs): ends it when the process that started it is
// gone, however that came about. That process holds the other end of stdin.
import { setInterval, setTimeout } from 'node:timers'
import { isMainThread } from 'node:worker_threads'

const PATIENCE_MS = 5_000

let isEnding = false
const end = () => {
  if (isEnding) return // a second signal would not let it finish
  isEnding = true
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.exit(1), PATIENCE_MS).unref()
}
// Threads load it too, and have another stdin.
if (isMainThread) {
  process.stdin.on('end', end).on('close', end).on('error', end).resume()
  process.stdin.unref?.()
  // Whoever is adopted by another process has lost its own, whatever became of the pipe.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && end(), PATIENCE_MS).unref()
}
