// `npm run demo`: installs what is missing, then plays the network on a local chain.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const demo = join(root, 'keepers', 'src', 'demo', 'main.ts')
const child = spawn(process.execPath, ['--import', 'tsx', demo, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
