import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { softwareAdapter } from './adapter.ts'

/**
 * Runs the tests of the WebGPU backend on the software adapter, or with --machine on the machine's own. Without an
 * adapter they fail. Other arguments go to vitest.
 */
const config = fileURLToPath(new URL('./vitest.config.ts', import.meta.url))
const vitest = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url))
const args = process.argv.slice(2)

try {
  const environment = args.includes('--machine') ? {} : softwareAdapter()
  const others = args.filter((argument) => argument !== '--machine')
  const { status, error } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', config, ...others],
    { stdio: 'inherit', env: { ...process.env, ...environment } },
  )
  if (error !== undefined) throw error
  process.exitCode = status ?? 1
} catch (error) {
  console.error(`webgpu tests: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
