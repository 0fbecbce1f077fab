// Loaded before the indexer. Ponder gives back its lock on the tables as it ends, which takes a statement to the
// database. Vite, with which it loads our files, ends the process before that: on SIGTERM, and where stdin ends unless
// this says that it will.
import { setImmediate } from 'node:timers'

process.env.CI = 'true'
process.on('newListener', (signal, listener) => {
  if (signal === 'SIGTERM' && listener.name === 'closeServerAndExit') {
    setImmediate(() => process.off(signal, listener))
  }
})
