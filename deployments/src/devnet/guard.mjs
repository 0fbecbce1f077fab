// Runs the command given as arguments until it ends or stdin does, and stdin ends when the process that started
// this one does, however that came about. Then the command is ended. Node alone, so that it starts at once.
import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers'

const [, , command, ...args] = process.argv
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })

const end = () => {
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGKILL'), 2_000).unref()
}
process.stdin.on('end', end).on('error', end).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)

child.on('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGTERM' ? 0 : 1)))
