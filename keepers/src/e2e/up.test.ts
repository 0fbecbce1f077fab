import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPublicClient, http, type PublicClient } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { processTree, type RunningProcess, stillThere } from '../testing/process-tree.ts'
import { LockstepProcess } from '../testing/processes.ts'
import type { Links } from '../up/local-network.ts'

const ANY_PORTS = ['--rpc-port', '0', '--indexer-port', '0', '--page-port', '0']
/** No window ends so soon, and a clock that nobody holds is moved sooner. */
const SHORT_MS = 1_000
const MODEL = 'layers=1,width=16,heads=2,context=16,batch=2'

let folder: string
let home: string
let network: LockstepProcess
let links: Links
let client: PublicClient

/** Of the test's own environment nothing is used. */
const clean = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => name.startsWith('LOCKSTEP_'))
    .map((name) => [name, '']),
)
const up = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  new LockstepProcess(['up', ...args], { ...clean, ...env })

/** What a process prints as one line, once it has. */
async function printed(of: LockstepProcess, seconds = 120): Promise<unknown> {
  for (let waitedMs = 0; !of.stdout.includes('\n'); waitedMs += 50) {
    if (waitedMs >= 1000 * seconds)
      throw new Error(`nothing is printed: ${JSON.stringify(of.lines)}`)
    if ((await Promise.race([of.ended, sleep(50, 'runs')])) !== 'runs') break
  }
  return JSON.parse(of.stdout)
}

async function ask(query: string): Promise<unknown> {
  const response = await fetch(`${links.services['indexer']}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown }
  expect(errors).toBeUndefined()
  return data
}

/** What a command prints, with the network's chain and nothing else. */
async function run(args: readonly string[]): Promise<string> {
  const command = new LockstepProcess(args, { ...clean, LOCKSTEP_RPC: links.rpc })
  expect([args, await command.ended]).toEqual([args, 0])
  return command.stdout
}

/** What the network has told, in order. */
const told = (of = network) => of.lines.map(({ msg }) => String(msg))
const timeOfChain = async () => (await client.getBlock({ blockTag: 'latest' })).timestamp

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-up-'))
  home = join(folder, 'home')
  network = up([...ANY_PORTS, '--json', '--home', home])
  links = (await printed(network)) as Links
  client = createPublicClient({ transport: http(links.rpc), cacheTime: 0 })
}, 900_000)

afterAll(async () => {
  await network.stop('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

describe('lockstep up', () => {
  test('says where everything is, and all of it answers', async () => {
    expect(await client.getChainId()).toBe(links.chain)
    expect(JSON.parse(readFileSync(links.deployment, 'utf8'))).toMatchObject({ chainId: 31_337 })
    expect(await ask('{ meta { chainId } }')).toEqual({ meta: { chainId: links.chain } })
    const page = links.services['page']
    expect(await (await fetch(page)).text()).toContain('<title>')
    expect(await (await fetch(`${page}config.json`)).json()).toMatchObject({
      rpcUrl: links.rpc,
      graphqlUrl: `${links.services['indexer']}/graphql`,
      artifacts: [links.solver],
    })
    for (const line of network.lines) {
      expect(line).toEqual({
        time: expect.any(Number) as number,
        msg: expect.any(String) as string,
      })
    }
  })

  test('a job that is submitted to it is paid, and no clock is moved while its claim is being checked', async () => {
    const challenger = processTree(network.pid).find(({ command }) =>
      command.includes('lockstep.mjs challenger'),
    )!
    process.kill(challenger.pid, 'SIGSTOP') // for as long as it stands still, it checks
    const job = [
      '--model',
      'transformer',
      '--model-options',
      MODEL,
      '--steps',
      '2',
      '--interval',
      '1',
    ]
    const offer = [
      '--reward',
      '100',
      '--stake',
      '5000',
      '--serve-port',
      '0',
      '--peer',
      links.solver,
    ]
    const submitted = new LockstepProcess(['submit', ...job, ...offer, '--wait', '--json'], {
      ...clean,
      LOCKSTEP_RPC: links.rpc,
      LOCKSTEP_HOME: join(folder, 'me'),
      LOCKSTEP_PRIVATE_KEY: links.account.privateKey,
      LOCKSTEP_POLL_SECONDS: '0.25',
    })
    await network.line(({ msg }) => msg?.startsWith('job 1 claimed') === true)
    const claimedAt = await timeOfChain()
    await sleep(SHORT_MS)
    expect(Number((await timeOfChain()) - claimedAt)).toBeLessThan(60)
    const status = await run(['status'])
    expect(status).toMatch(
      /pending +by 0x\w{40}, window ends at \d{4}-\d\d-\d\dT[\d:]{8}Z \(in 1 h/,
    )
    process.kill(challenger.pid, 'SIGCONT')

    expect(await printed(submitted)).toMatchObject({ job: '1', status: 'settled', reward: '100' })
    expect(await submitted.ended).toBe(0)
    const order = ['claimed', 'is right', 'clock is moved', 'settled: 97.5'].map((part) =>
      told().findIndex((line) => line.includes(part)),
    )
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order[0]).toBeGreaterThan(0)
    await expect
      .poll(() => ask('{ job(id: "1") { status submitter { id } } }'), { timeout: 20_000 })
      .toEqual({
        job: { status: 'SETTLED', submitter: { id: links.account.address.toLowerCase() } },
      })
  })

  test('a second one in the same home is refused, and the first goes on', async () => {
    const second = up([...ANY_PORTS, '--json', '--home', home])
    expect(await printed(second)).toEqual({
      error: { code: 'in-use', message: expect.stringContaining(`pid ${network.pid} `) as string },
    })
    expect(await second.ended).toBe(8)
    expect(await client.getChainId()).toBe(links.chain)
  })

  test('Ctrl-C ends all of it, with status 0', async () => {
    const all = processTree(network.pid)
    const names = ['anvil', 'lockstep.mjs solver', 'lockstep.mjs challenger', 'ponder.js']
    for (const name of names) expect(all.map(({ command }) => command).join('\n')).toContain(name)
    interrupt(all)
    expect(await network.ended).toBe(0)
    expect(await stillThere(all, 0)).toEqual([])
  })

  test('the next one in its home begins anew, and ends with a kill -9', async () => {
    const next = up([...ANY_PORTS, '--json', '--home', home])
    await next.line(({ msg }) => msg?.includes('the last network left') === true)
    await expect.poll(() => serves(), { timeout: 60_000 }).toBe(true)
    const all = processTree(next.pid)
    expect(all.map(({ command }) => command).join('\n')).toContain('lockstep.mjs challenger')
    await next.stop('SIGKILL')
    expect(await stillThere(all, 15)).toEqual([])
  })

  test('stopped before it was there', async () => {
    const stopped = up([...ANY_PORTS, '--json', '--home', join(folder, 'other')])
    await stopped.line(({ msg }) => msg?.includes('deploying') === true)
    const all = processTree(stopped.pid)
    expect(await stopped.stop('SIGINT')).toBe(6)
    expect(JSON.parse(stopped.stdout)).toMatchObject({ error: { code: 'stopped' } })
    expect(await stillThere(all, 0)).toEqual([])
  })
})

/** Whether the solver of the network in the home has begun to serve. */
function serves(): boolean {
  try {
    return readFileSync(join(home, 'up', 'solver', 'log.jsonl'), 'utf8').includes('"serving"')
  } catch {
    return false
  }
}

/** A terminal tells everything that runs in it. */
function interrupt(processes: readonly RunningProcess[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGINT')
    } catch {
      // It ended because another one did.
    }
  }
}
