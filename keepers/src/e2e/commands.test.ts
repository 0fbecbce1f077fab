import { jobRegistryAbi } from '@lockstep/deployments'
import { encodeProgram, Graph, Tensor, writeProgramFile, writeSafetensors } from '@lockstep/repops'
import { Random } from '@lockstep/repops/testing'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readJob, readJobCount } from '../chain/jobs.ts'
import { transact } from '../chain/transact.ts'
import { startLiar } from '../testing/chain.ts'
import { randomCheat } from '../testing/cheats.ts'
import { lockstep } from '../testing/command-line.ts'
import { randomJob } from '../testing/jobs.ts'
import { type Actor, TestNetwork } from '../testing/network.ts'
import { parseOpenMetrics, type Sample } from '../testing/open-metrics.ts'
import { LockstepProcess } from '../testing/processes.ts'

let network: TestNetwork
let folder: string
const closing: (() => unknown)[] = []

beforeAll(async () => {
  network = await TestNetwork.start()
  folder = mkdtempSync(join(tmpdir(), 'lockstep-commands-'))
}, 900_000)

afterAll(async () => {
  for (const close of closing) await close()
  await network.stop()
  rmSync(folder, { recursive: true, force: true })
})

const environment = (actor: Actor = 'other'): Record<string, string> => ({
  LOCKSTEP_RPC: network.devnet.rpcUrl,
  LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
  LOCKSTEP_HOME: mkdtempSync(join(folder, 'home-')),
  LOCKSTEP_PRIVATE_KEY: network.privateKey(actor),
  LOCKSTEP_POLL_SECONDS: '0.1',
})

const job = (id: bigint) => readJob(network.contracts, id)

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Flags of a job over three elements: y' = 2 y. */
function order(): string[] {
  const graph = new Graph()
  const y = graph.state('y', 'f32', [3])
  graph.setNext(y, y.mul(2))
  const program = join(folder, 'double.repops')
  writeFileSync(program, writeProgramFile(encodeProgram(graph.program())))
  const state = join(folder, 'double.safetensors')
  writeFileSync(state, writeSafetensors([['y', { shape: [3], tensor: Tensor.f32([1, 2, 3]) }]]))
  return [
    ...['--program', program, '--state', state, '--steps', '3'],
    ...['--reward', '1', '--stake', '1000'],
  ]
}

describe('submit --wait', () => {
  test('ends when the job is settled, with what was paid for', async () => {
    const id = (await readJobCount(network.contracts)) + 1n
    const args = ['submit', ...order(), '--serve-port', '0', '--wait', '--json']
    const waiting = lockstep(args, environment())
    const solver = network.solver(network.keeper('solver'), { jobs: [id] })
    await expect.poll(() => readJobCount(network.contracts), { timeout: 20_000 }).toBe(id)
    await network.play([solver.tick], async () => (await job(id)).status === 'claimed')
    await network.passDeadlines()
    await network.play([solver.tick], async () => (await job(id)).status === 'settled')
    const { exit, out } = await waiting
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      job: String(id),
      status: 'settled',
      reward: '1',
      attempts: 1,
      solver: network.address('solver'),
      finalStateRoot: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
    })
  })

  test('ends with another status when the job comes to nothing', async () => {
    const id = (await readJobCount(network.contracts)) + 1n
    const waiting = lockstep(['submit', ...order(), '--wait'], environment('submitter'))
    await expect.poll(() => readJobCount(network.contracts), { timeout: 20_000 }).toBe(id)
    await transact(network.sender('submitter'), `cancel:${id}`, {
      abi: jobRegistryAbi,
      address: network.contracts.jobRegistry,
      functionName: 'cancel',
      args: [id],
    })
    expect(await waiting).toMatchObject({
      exit: 6,
      out: `job ${id} is cancelled after 0 attempt(s)\n`,
    })
  })
})

describe('verify', () => {
  async function claimed(id: bigint, cheat?: Parameters<TestNetwork['keeper']>[1]) {
    const actor = cheat === undefined ? 'solver' : 'cheat'
    const solver = network.solver(network.keeper(actor, cheat), { jobs: [id] })
    await network.play([solver.tick], async () => (await job(id)).status === 'claimed')
    return job(id)
  }

  test('a right claim', async () => {
    const id = await network.post(randomJob(new Random(21)))
    const { claim } = await claimed(id)
    const env = environment()
    const { exit, out } = await lockstep(['verify', String(id), '--json'], env)
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ job: String(id), claim: String(claim), match: true })
    expect((await lockstep(['verify', String(id)], env)).out).toMatch(/^job \d+: right, /)
  })

  test('a wrong claim', async () => {
    const random = new Random(22)
    let order = randomJob(random)
    let corruption = await randomCheat(random, order)
    while (corruption === undefined) {
      order = randomJob(random)
      corruption = await randomCheat(random, order)
    }
    const id = await network.post(order)
    await claimed(id, { corruption })
    const { exit, out } = await lockstep(['verify', String(id), '--json'], environment())
    expect(exit).toBe(6)
    const { match, roots } = JSON.parse(out) as {
      match: boolean
      roots: { claimed: string; right: string }
    }
    expect(match).toBe(false)
    expect(roots.claimed).not.toBe(roots.right)
    const plain = await lockstep(['verify', String(id)], environment())
    expect(plain).toMatchObject({ exit: 6, err: '' })
    expect(plain.out).toMatch(/^job \d+: wrong[^\n]*\n$/)
  })

  /** A claimed job whose artifacts are said to lie somewhere. */
  async function posted(uri: string): Promise<bigint> {
    const store = environment()
    const { out } = await lockstep(['submit', ...order(), '--uri', uri, '--json'], store)
    const id = BigInt((JSON.parse(out) as { job: string }).job)
    // The solver has them from elsewhere.
    const keeper = network.keeper('solver', { home: store['LOCKSTEP_HOME'] })
    await network.play(
      [network.solver(keeper, { jobs: [id] }).tick],
      async () => (await job(id)).status === 'claimed',
    )
    return id
  }

  test('before there is a claim', async () => {
    const id = await network.post(randomJob(new Random(23)))
    expect(await lockstep(['verify', String(id)], environment())).toMatchObject({
      exit: 6,
      err: expect.stringContaining('it is open; ask again when a solver has claimed') as string,
    })
  })

  test('without the artifacts', async () => {
    const id = await posted('http://127.0.0.1:1')
    const { exit, out, err } = await lockstep(['verify', String(id)], environment())
    expect([exit, out]).toEqual([4, ''])
    expect(err).toMatch(/^error: [^\n]+127\.0\.0\.1:1[^\n]* \[artifact-missing\]\n$/)
  })

  test('with artifacts that are others', async () => {
    const uri = await listen((_, response) => response.end(Buffer.alloc(64, 7)))
    const id = await posted(uri)
    const { exit, out, err } = await lockstep(['verify', String(id)], environment())
    expect([exit, out]).toEqual([4, ''])
    expect(err).toMatch(/^error: [^\n]+ \[(artifact-mismatch|artifact-missing)\]\n$/)
    expect(err).toContain(uri)
  })
})

describe('an endpoint that lies is found out by every command', () => {
  const commands = [['status'], ['stake', '--amount', '1'], ['verify', '1'], ['solver', '--once']]
  const word = (text: string) => `0x${text.padStart(64, '0')}`

  async function liar(lie: Parameters<typeof startLiar>[1]): Promise<string> {
    const { url, stop } = await startLiar(network.devnet.rpcUrl, lie)
    closing.push(stop)
    return url
  }

  test.each([
    [
      'about the chain id',
      'wrong-chain',
      () => liar((method) => (method === 'eth_chainId' ? { result: '0x1' } : undefined)),
    ],
    [
      'about the code at the addresses',
      'not-deployed',
      () => liar((method) => (method === 'eth_getCode' ? { result: '0x' } : undefined)),
    ],
    [
      'about what the contracts are',
      'not-deployed',
      () => liar((method) => (method === 'eth_call' ? { result: word('1234') } : undefined)),
    ],
    [
      'about the first block',
      'chain-contradicts-itself',
      () =>
        liar((method, params) =>
          method === 'eth_getBlockByNumber' && params[0] === '0x0'
            ? { result: { hash: '0x1' } }
            : undefined,
        ),
    ],
    ['in words', 'chain-', () => listen((_, response) => response.end('{"jsonrpc": garbage'))],
    ['by an empty answer', 'chain-', () => listen((_, response) => response.end())],
  ])('%s', async (_, code, start) => {
    const url = await start()
    for (const command of commands) {
      const { exit, out, err } = await lockstep(command, { ...environment(), LOCKSTEP_RPC: url })
      expect([command, exit, out]).toEqual([command, 3, ''])
      expect(err).toMatch(/^error: [^\n]+\n$/)
      expect(err).toContain(`[${code}`)
    }
  })

  test('one that differs from the witness is not believed', async () => {
    const url = await liar((method, params, truth) =>
      method === 'eth_getBlockByNumber' && params[0] === '0x0'
        ? { result: { ...(truth as object), hash: word('77') } }
        : undefined,
    )
    const args = ['status', '--rpc', url, '--witness-rpc', network.devnet.rpcUrl]
    const { exit, err } = await lockstep(args, environment())
    expect([exit, err]).toEqual([3, expect.stringContaining('[wrong-chain]')])
  })
})

describe('every role counts what it does', () => {
  const find = (samples: readonly Sample[], name: string) =>
    samples.find((sample) => sample.name === name)

  test.each(['solver', 'challenger', 'defender'] as const)('%s', async (role) => {
    const keeper = new LockstepProcess(
      [role, '--metrics-port', '0', '--jobs', '0'].filter((arg, i) => role === 'solver' || i < 3),
      environment(role),
    )
    try {
      const { url } = (await keeper.line(({ msg }) => msg === 'metrics')) as { url: string }
      const read = async () => {
        const response = await fetch(url)
        expect(response.headers.get('content-type')).toMatch(
          /^application\/openmetrics-text; ?version=1\.0\.0/,
        )
        return parseOpenMetrics(await response.text())
      }
      const first = await read()
      for (const { name, labels } of first) {
        if (name.startsWith('lockstep_')) expect(labels['role']).toBe(role)
      }
      const ticks = async () => find(await read(), 'lockstep_ticks_total')!.value
      const before = await ticks()
      await expect.poll(ticks, { timeout: 20_000, interval: 100 }).toBeGreaterThan(before)
      expect(find(await read(), 'lockstep_head_block')!.value).toBeGreaterThan(0)
      const health = await fetch(new URL('/health', url))
      expect([health.status, await health.text()]).toEqual([200, 'ok\n'])
      expect((await fetch(new URL('/ready', url))).status).toBe(200)
      expect(find(await read(), 'lockstep_balance_ether')!.value).toBeGreaterThan(0)
      expect((await fetch(new URL('/', url))).status).toBe(404)
      expect((await fetch(url, { method: 'POST' })).status).toBe(404)
    } finally {
      expect(await keeper.stop()).toBe(0)
    }
  })

  test('transactions and steps, as they happen', async () => {
    const id = await network.post(randomJob(new Random(31)))
    const solver = new LockstepProcess(
      ['solver', '--metrics-port', '0', '--jobs', String(id)],
      environment('solver'),
    )
    try {
      const { url } = (await solver.line(({ msg }) => msg === 'metrics')) as { url: string }
      await expect.poll(async () => (await job(id)).status, { timeout: 60_000 }).toBe('claimed')
      await expect
        .poll(
          async () =>
            parseOpenMetrics(await (await fetch(url)).text())
              .filter(({ name }) => name === 'lockstep_transactions_total')
              .map(({ labels, value }) => [labels['move'], labels['outcome'], value]),
          { timeout: 10_000 },
        )
        .toEqual([
          ['take', 'done', 1],
          ['commit', 'done', 1],
        ])
      const samples = parseOpenMetrics(await (await fetch(url)).text())
      expect(find(samples, 'lockstep_program_steps_total')!.value).toBeGreaterThan(0)
      expect(find(samples, 'lockstep_balance_ether')!.value).toBeGreaterThan(0)
      const fees = samples.filter(({ name }) => name === 'lockstep_fees_ether_total')
      expect(fees.map(({ labels, value }) => [labels['kind'], value > 0])).toEqual([
        ['gas', true],
        ['l1_data', true],
      ])
    } finally {
      await solver.stop()
    }
  })
})

test('too little stake is said once, with the vault and the job, and nothing is taken', async () => {
  const env = environment('defender')
  expect(await lockstep(['stake', '--amount', '10'], env)).toMatchObject({ exit: 0 })
  const id = await network.post(randomJob(new Random(41)))
  const solver = new LockstepProcess(['solver', '--jobs', String(id)], env)
  const line = await solver.line(({ code }) => code === 'too-little-stake')
  expect(line['problem']).toMatch(/^10 \$AI are free, .*vault 0x\w{40}, job \d+\): stake more/)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  await solver.stop()
  expect(solver.lines.filter(({ code }) => code === 'too-little-stake')).toHaveLength(1)
  expect((await job(id)).status).toBe('open')
})

test('a solver that is told to stop does not wait for its run, and goes on with it later', async () => {
  const env = environment('solver')
  const sizes = 'layers=1,width=16,heads=2,context=16,batch=2'
  const { out } = await lockstep(
    [
      ...['submit', '--model', 'transformer', '--model-options', sizes, '--steps', '5000'],
      ...['--interval', '20', '--reward', '1', '--stake', '1000', '--json'],
    ],
    env,
  )
  const { job: id } = JSON.parse(out) as { job: string }
  const start = () => new LockstepProcess(['solver', '--jobs', id], env)
  const first = start()
  await first.line(({ msg, step }) => msg === 'progress' && Number(step) >= 40)
  expect(await first.stop()).toBe(0)
  expect(first.lines.some(({ msg }) => msg === 'the run is complete')).toBe(false)
  const second = start()
  const { from } = await second.line(({ msg }) => msg === 'running the program')
  await second.stop()
  expect(from).toBeGreaterThanOrEqual(20)
})
