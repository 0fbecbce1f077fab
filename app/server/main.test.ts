import { CONTRACTS } from '@lockstep/deployments'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const FLAGS = ['graphql', 'rpc', 'artifacts', 'explorer']

test('a configuration that the page would refuse is not served, and the flag is named', async () => {
  const home = mkdtempSync(join(tmpdir(), 'lockstep-page-'))
  onTestFinished(() => {
    rmSync(home, { recursive: true })
  })
  const deployment = join(home, 'deployment.json')
  const contracts = Object.fromEntries(CONTRACTS.map((name) => [name, `0x${'0a'.repeat(20)}`]))
  const chain = { chainId: 1, startBlock: 0, build: 'opcode', parameters: {} }
  writeFileSync(deployment, JSON.stringify({ ...chain, contracts }))
  const print = (...over: string[]) =>
    promisify(execFile)(process.execPath, [
      ...['--import', 'tsx', MAIN, '--print', '--deployment', deployment],
      ...['--graphql', 'graphql', '--rpc', 'http://rpc.example', ...over],
    ])
  const [good, ...bad] = await Promise.allSettled([
    print('--explorer', 'https://explorer.example'),
    ...FLAGS.map((flag) => print(`--${flag}`, 'ftp://a.example')),
  ])
  expect(good).toMatchObject({ status: 'fulfilled' })
  expect(bad).toMatchObject(
    FLAGS.map((flag) => ({
      reason: {
        ...{ code: 1, stdout: '' },
        stderr: `--${flag} must be an address with http or https\n`,
      },
    })),
  )
})
