// Runs the command given as arguments until it ends, or the process that started this one does, however that came about
// (with-parent.mjs), or the other end of stdin is closed. Then the command is ended, with what it started itself. Node
// alone, so that it starts at once.
import '../bin/with-parent.mjs'
import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers'

const [, , command, ...args] = process.argv
// A process group of its own is ended as a whole: forge's compiler would go on for minutes.
const hasGroup = process.platform !== 'win32'
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: hasGroup })

const kill = (signal) => {
  try {
    if (hasGroup && child.pid !== undefined) process.kill(-child.pid, signal)
    else child.kill(signal)
  } catch {
    // It has ended.
  }
}
const end = () => {
  kill('SIGTERM')
  setTimeout(() => kill('SIGKILL'), 2_000).unref()
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)

child.on('error', (error) => {
  console.error(error.message)
  process.exit(127)
})
child.on('exit', (code) => process.exit(code ?? 1))
