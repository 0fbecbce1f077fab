import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holdLock } from '../files/lock.ts'
import { lockstep } from '../testing/command-line.ts'

const ANY_PORTS = ['--rpc-port', '0', '--indexer-port', '0', '--page-port', '0']

let home: string
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'lockstep-up-'))))
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

/** The status of `lockstep up`, and the only line on stderr that is none of progress. */
async function refusal(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { exit, out, err } = await lockstep(['up', ...args, '--home', home], env)
  expect(out).toBe('')
  const lines = err.trimEnd().split('\n')
  const errors = lines.filter((line) => !line.startsWith('chain: '))
  expect(errors).toHaveLength(1)
  return { exit, line: errors[0] }
}

test.each(['--rpc-port', '--indexer-port', '--page-port'])('%s is in use', async (flag) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const { exit, line } = await refusal([...ANY_PORTS, flag, String(port)])
  server.close()
  expect([exit, line]).toEqual([
    8,
    `error: port ${port} of 127.0.0.1 is in use (${flag}): end what listens there, or name another one; 0 takes any that is free [not-started]`,
  ])
})

test('two ports are in use: one error names both', async () => {
  const servers = [createServer(), createServer()]
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    ports.push((server.address() as { port: number }).port)
  }
  const flags = ['--rpc-port', String(ports[0]), '--page-port', String(ports[1])]
  const { exit, line } = await refusal([...flags, '--indexer-port', '0'])
  for (const server of servers) server.close()
  expect([exit, line]).toEqual([
    8,
    `error: port ${ports[0]} of 127.0.0.1 is in use, port ${ports[1]} of 127.0.0.1 is in use (--rpc-port, --page-port): end what listens there, or name another one; 0 takes any that is free [not-started]`,
  ])
})

test('the home is in use: its advice is about the home', async () => {
  mkdirSync(join(home, 'up'))
  const release = holdLock(join(home, 'up', 'network.lock'), 'this home for a network')
  const { exit, line } = await refusal(ANY_PORTS)
  release()
  expect(exit).toBe(8)
  expect(line).toMatch(
    /uses this home for a network .*give this one a --home of its own \[in-use\]$/,
  )
})

test('two ports are one', async () => {
  const { exit, line } = await refusal([...ANY_PORTS, '--page-port', '9', '--indexer-port', '9'])
  expect(exit).toBe(2)
  expect(line).toMatch(/^error: both are 9 .*--indexer-port and --page-port.*\[bad-setting\]$/)
})

test('no compiler of contracts', async () => {
  const { exit, line } = await refusal(ANY_PORTS, { FOUNDRY_SOLC: join(home, 'no-solc') })
  expect(exit).toBe(8)
  expect(line).toMatch(
    /^error: .*`solc` \S*no-solc does not exist.*npm run setup.*\[not-started\]$/,
  )
})

test('a folder that is no network’s is left as it is', async () => {
  mkdirSync(join(home, 'up'))
  const file = join(home, 'up', 'thesis.txt')
  writeFileSync(file, 'the only copy')
  const { exit, line } = await refusal(ANY_PORTS)
  expect(exit).toBe(8)
  expect(line).toMatch(
    /^error: the folder has files that are of no local network.*\[already-there\]$/,
  )
  expect(readFileSync(file, 'utf8')).toBe('the only copy')
})
