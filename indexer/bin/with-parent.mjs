// Loaded before the indexer: ends it when the process that started it is gone, however that came about. That process
// holds the other end of stdin.
import { setImmediate, setTimeout } from 'node:timers'

const PATIENCE_MS = 5_000

// Ponder gives back its lock on the tables as it ends, which takes a statement to the database. Vite, with which it
// loads our files, ends the process before that: on SIGTERM, and where stdin ends unless this says that it will.
process.env.CI = 'true'
process.on('newListener', (signal, listener) => {
  if (signal === 'SIGTERM' && listener.name === 'closeServerAndExit') {
    setImmediate(() => process.off(signal, listener))
  }
})

const end = () => {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.exit(1), PATIENCE_MS).unref()
}
process.stdin.on('end', end).on('error', end).resume()
process.stdin.unref?.()
