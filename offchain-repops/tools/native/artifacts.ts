import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// npm run artifacts -w offchain-repops: makes all that is compiled from native/ again after a change to it: the addon here,
// wasm/engine.wasm and prebuilds/, then compares and tries them as an installed package does.

const folder = fileURLToPath(new URL('../..', import.meta.url))
const vitest = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const tsx = ['--import', 'tsx']

const steps: readonly (readonly string[])[] = [
  ['tools/native/build.mjs'],
  [...tsx, 'tools/native/buildWasm.ts'],
  ['tools/native/prebuild.mjs'],
  [
    vitest,
    'run',
    '--root',
    root,
    'offchain-repops/tools/native',
    'offchain-repops/src/backends/wasm',
  ],
]

for (const step of steps) {
  const { status } = spawnSync(process.execPath, step, { cwd: folder, stdio: 'inherit' })
  if (status === 0) continue
  console.error(`artifacts: ${step.join(' ')} failed`)
  process.exitCode = 1
  break
}
