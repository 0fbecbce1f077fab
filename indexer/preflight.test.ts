// What the indexer says when it cannot start: one line with what, where, which values and what to do.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from './preflight.ts'
import { type IndexerOptions, startIndexer } from './start.ts'
import { FakeChain } from './testing/chain.ts'
import { type FakeNode, startNode } from './testing/node.ts'
import { Bench } from './testing/run.ts'
import { FAKE_DEPLOYMENT } from './testing/world.ts'

const bench = new Bench()
let node: FakeNode
/** Answers everything, and nothing that is wanted. */
let odd: Server
let status = 200
/** Where nobody listens. */
let nobody: string
const oddUrl = (): string => `http://127.0.0.1:${(odd.address() as AddressInfo).port}`

beforeAll(async () => {
  nobody = `http://127.0.0.1:${await freePort(0)}`
  node = await startNode(new FakeChain(FAKE_DEPLOYMENT))
  odd = createServer((_, response) => response.writeHead(status).end('<html>'))
  await new Promise<void>((done) => odd.listen(0, '127.0.0.1', done))
})
afterAll(async () => {
  odd.close()
  await node.stop()
  bench.remove()
})

const DEPLOYMENT = { ...FAKE_DEPLOYMENT, startBlock: 0 }

function file(name: string, content: unknown): string {
  const path = join(bench.folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const { chainId, contracts } = DEPLOYMENT
const cases: [string, () => Partial<IndexerOptions>, string, RegExp][] = [
  [
    'a node that is down',
    () => ({ rpcUrl: nobody }),
    'badRpc',
    /127.0.0.1:\d+ does not tell its chain id: connect ECONNREFUSED.*start the node/,
  ],
  [
    'an address that is none',
    () => ({ rpcUrl: 'ftp://a' }),
    'badSettings',
    /LOCKSTEP_RPC is ftp:\/\/a: it wants an http or https URL/,
  ],
  [
    'a node that is none',
    () => ({ rpcUrl: oddUrl() }),
    'badRpc',
    /does not tell its chain id: Unexpected token.*start the node/,
  ],
  [
    'a node that fails',
    () => ((status = 500), { rpcUrl: oddUrl() }),
    'badRpc',
    /it answers with HTTP 500; start the node/,
  ],
  [
    'a file that is missing',
    () => ({ deploymentFile: '/nonexistent/10.json' }),
    'unknownChain',
    /\/nonexistent\/10.json.*npm run deploy/,
  ],
  [
    'a file that is a folder',
    () => ({ deploymentFile: bench.folder }),
    'unknownChain',
    /npm run deploy/,
  ],
  [
    'a file that is no JSON',
    () => ({ deploymentFile: file('a.json', '{') }),
    'badDeployment',
    /a.json is not a deployment: it is not JSON; deploy again/,
  ],
  [
    'a file without addresses',
    () => ({ deploymentFile: file('b.json', { chainId, startBlock: 0 }) }),
    'badDeployment',
    /b.json is not a deployment/,
  ],
  [
    'a file with a bad address',
    () => ({
      deploymentFile: file('c.json', { ...DEPLOYMENT, contracts: { ...contracts, verde: '0x12' } }),
    }),
    'badDeployment',
    /contracts.verde is not an address/,
  ],
  [
    'a deployment of another chain',
    () => ({ deploymentFile: file('d.json', { ...DEPLOYMENT, chainId: 5 }) }),
    'wrongChain',
    /is on chain 31999, the deployment is on 5: name a node of that chain/,
  ],
  [
    'a database that is away',
    () => ({ databaseUrl: 'postgres://me:secret@127.0.0.1:1/x' }),
    'badDatabase',
    /PostgreSQL at postgres:\/\/…@127.0.0.1:1\/… does not answer: connect ECONNREFUSED.*start it/,
  ],
  [
    'a database without an address',
    () => ({ databaseUrl: 'secret' }),
    'badSettings',
    /address of the database cannot be read: give one as postgres/,
  ],
  [
    'a folder that cannot be',
    () => ({ home: file('home', '') }),
    'badDatabase',
    /cannot be written: ENOTDIR.*name another folder as --home/,
  ],
  [
    'a port that is taken',
    () => ({ port: (odd.address() as AddressInfo).port }),
    'portTaken',
    /port \d+ of 127.0.0.1 is taken.*name another as --port/,
  ],
]
test.each(cases)('%s is named', async (_, options, code, message) => {
  const { deploymentFile } = bench
  const home = join(bench.folder, 'rows')
  const given = { rpcUrl: node.url, deploymentFile, home, ...options() }
  const error = await startIndexer(given).catch((cause: unknown) => cause as Error)
  expect(error).toMatchObject({ code })
  const { message: said } = error as Error
  expect(said).toMatch(message)
  expect(said).not.toMatch(/secret|\n/)
})

/** The command as people run it. */
async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const program = fileURLToPath(new URL('bin/indexer.ts', import.meta.url))
  const environment = { PATH: process.env.PATH }
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { env: environment })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { code, out, err }
}

test('the command says it in a line and fails', async () => {
  const to = ['--deployment', bench.deploymentFile]
  const [down, nothing, port] = await Promise.all([
    run(...to, '--rpc', nobody),
    run(...to),
    run(...to, '--rpc', node.url, '--port', '70000'),
  ])
  expect([down.code, down.out]).toEqual([1, ''])
  expect(down.err).toMatch(/^http:\/\/127.0.0.1:\d+ does not tell its chain id: .*\n$/)
  expect(nothing.code).toBe(2)
  expect(nothing.err).toMatch(/^--rpc is missing\n\nusage: /)
  expect(port.code).toBe(2)
  expect(port.err).toContain('--port wants a number up to 65535')
})
