// Loaded before the indexer: ends it when the process that started it is gone, however that came about. That process
// holds the other end of stdin.
import { setTimeout } from 'node:timers'

const PATIENCE_MS = 5_000

const end = () => {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.exit(1), PATIENCE_MS).unref()
}
process.stdin.on('end', end).on('error', end).resume()
process.stdin.unref?.()
