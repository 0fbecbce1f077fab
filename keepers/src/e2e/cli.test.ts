import { encodeProgram, Graph, writeProgramFile, writeSafetensors, Tensor } from '@lockstep/repops'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { holdLock } from '../files/lock.ts'
import { lockstep } from '../testing/command-line.ts'
import { LOCAL_KEY } from '../testing/keys.ts'
import { controlChain, startBareChain } from '../testing/chain.ts'
import { TestNetwork } from '../testing/network.ts'

let network: TestNetwork
let foreign: Awaited<ReturnType<typeof startBareChain>>
let folder: string

beforeAll(async () => {
  network = await TestNetwork.start()
  foreign = await startBareChain(['--chain-id', '8453'])
  folder = mkdtempSync(join(tmpdir(), 'lockstep-cli-'))
}, 900_000)

afterAll(async () => {
  await foreign.stop()
  await network.stop()
  rmSync(folder, { recursive: true, force: true })
})

const connected = (): Record<string, string> => ({
  LOCKSTEP_RPC: network.devnet.rpcUrl,
  LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
  LOCKSTEP_HOME: mkdtempSync(join(folder, 'home-')),
  LOCKSTEP_PRIVATE_KEY: network.privateKey('other'),
})

const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** y' = 2·y over three elements. */
function program(): { encoded: ReturnType<typeof encodeProgram> } {
  const graph = new Graph()
  const y = graph.state('y', 'f32', [3])
  graph.setNext(y, y.mul(2))
  return { encoded: encodeProgram(graph.program()) }
}

const OFFER = ['--steps', '3', '--reward', '1', '--stake', '1000']

describe('what is wrong is said in one line, with the status that it has', () => {
  const nothing = (): Record<string, string> => ({})
  type Case = [
    what: string,
    args: () => string[],
    env: () => Record<string, string>,
    exit: number,
    code: string,
  ]
  const cases: Case[] = [
    ['an unknown command', () => ['frobnicate'], nothing, 2, 'bad-usage'],
    ['an unknown flag', () => ['status', '--frobnicate'], nothing, 2, 'bad-usage'],
    ['a bad URL', () => ['status', '--rpc', 'localhost'], nothing, 2, 'bad-setting'],
    ['a bad variable', () => ['status'], () => ({ LOCKSTEP_RPC: 'x' }), 2, 'bad-setting'],
    [
      'a missing configuration file',
      () => ['status', '--config', join(folder, 'none')],
      nothing,
      2,
      'bad-setting',
    ],
    ['a missing setting', () => ['stake'], connected, 2, 'bad-setting'],
    [
      'nobody listening',
      () => ['status', '--rpc', 'http://127.0.0.1:1'],
      nothing,
      3,
      'chain-unreachable',
    ],
    [
      'a chain without contracts',
      () => ['status', '--rpc', foreign.url],
      nothing,
      3,
      'not-deployed',
    ],
    [
      'a deployment of another chain',
      () => ['status'],
      () => ({ ...connected(), LOCKSTEP_RPC: foreign.url }),
      3,
      'wrong-chain',
    ],
    [
      'a missing key',
      () => ['solver'],
      () => ({ ...connected(), LOCKSTEP_PRIVATE_KEY: '' }),
      2,
      'missing-key',
    ],
    [
      'a missing key file',
      () => ['solver', '--key-file', join(folder, 'none')],
      connected,
      2,
      'missing-key',
    ],
    ['no $AI to stake', () => ['stake', '--amount', '99999999'], connected, 5, 'too-little-funds'],
    [
      'no ether',
      () => ['stake', '--amount', '0'],
      () => ({ ...connected(), LOCKSTEP_PRIVATE_KEY: LOCAL_KEY }),
      5,
      'too-little-funds',
    ],
    ['nothing to unstake', () => ['unstake', '--amount', '1'], connected, 6, 'not-found'],
    [
      'a self-bond that is held',
      () => ['unstake', '--amount', '1'],
      () => ({ ...connected(), LOCKSTEP_PRIVATE_KEY: network.privateKey('solver') }),
      5,
      'too-little-stake',
    ],
    ['a job that is not there', () => ['status', '--jobs', '999'], connected, 6, 'not-found'],
    ['a number that is none', () => ['receipt', 'seven'], connected, 2, 'bad-setting'],
    ['a receipt that is not there', () => ['verify', 'seven'], connected, 4, 'artifact-missing'],
    ['nothing to verify', () => ['verify', '999'], connected, 6, 'not-found'],
    ['no receipt of nothing', () => ['receipt', '999'], connected, 6, 'not-found'],
    ['an unknown backend', () => ['solver', '--backend', 'abacus'], connected, 2, 'bad-setting'],
    ['a surplus argument', () => ['status', '5'], connected, 2, 'bad-usage'],
    ['a second job', () => ['verify', '5', '6'], connected, 2, 'bad-usage'],
    [
      'an unknown backend where nobody listens',
      () => ['solver', '--backend', 'abacus', '--rpc', 'http://127.0.0.1:1'],
      connected,
      2,
      'bad-setting',
    ],
    [
      'a backend of another machine where nobody listens',
      () => ['solver', '--backend', process.arch === 'x64' ? 'native-neon' : 'native-avx2'],
      () => ({ ...connected(), LOCKSTEP_RPC: 'http://127.0.0.1:1' }),
      2,
      'bad-setting',
    ],
    ...(['solver', 'unstake', 'redeem'] as const).map(
      (command): Case => [
        `a missing key where nobody listens (${command})`,
        () => [command, '--rpc', 'http://127.0.0.1:1'],
        () => ({
          ...connected(),
          LOCKSTEP_PRIVATE_KEY: '',
          LOCKSTEP_AMOUNT: '1',
          LOCKSTEP_VAULT: `0x${'1'.repeat(40)}`,
        }),
        2,
        'missing-key',
      ],
    ),
    ['a lie that is none', () => ['solver', '--cheat', 'bit=99'], connected, 2, 'bad-setting'],
    ['nothing to submit', () => ['submit', ...OFFER], connected, 2, 'bad-setting'],
    [
      'an unknown model',
      () => ['submit', '--model', 'oracle', ...OFFER],
      connected,
      2,
      'bad-setting',
    ],
    [
      'a model that does not fit together',
      () => ['submit', '--model', 'transformer', '--model-options', 'width=10,heads=3', ...OFFER],
      connected,
      4,
      'malformed-program',
    ],
    [
      'a program file that is none',
      () => ['submit', '--program', file('a.repops', 'rubbish'), ...OFFER],
      connected,
      4,
      'malformed-program',
    ],
    [
      'an unknown operator',
      () => {
        const { encoded } = program()
        const node = encoded.nodes[0].slice()
        node[0] = 0xee
        return [
          'submit',
          '--program',
          file('b.repops', writeProgramFile({ ...encoded, nodes: [node] })),
          ...OFFER,
        ]
      },
      connected,
      4,
      'malformed-program',
    ],
    [
      'a program file that is cut off',
      () => [
        'submit',
        '--program',
        file('c.repops', writeProgramFile(program().encoded).slice(0, -3)),
        ...OFFER,
      ],
      connected,
      4,
      'malformed-program',
    ],
    [
      'a program without its state',
      () => [
        'submit',
        '--program',
        file('d.repops', writeProgramFile(program().encoded)),
        ...OFFER,
      ],
      connected,
      2,
      'bad-setting',
    ],
    [
      'a state of another shape',
      () => {
        const wrong = writeSafetensors([['y', { shape: [4], tensor: Tensor.f32([1, 2, 3, 4]) }]])
        return [
          'submit',
          '--program',
          file('e.repops', writeProgramFile(program().encoded)),
          '--state',
          file('e.st', wrong),
          ...OFFER,
        ]
      },
      connected,
      4,
      'artifact-mismatch',
    ],
    [
      'a state file that is none',
      () => [
        'submit',
        '--program',
        file('f.repops', writeProgramFile(program().encoded)),
        '--state',
        file('f.st', 'x'),
        ...OFFER,
      ],
      connected,
      4,
      'artifact-mismatch',
    ],
    [
      'a file that is not there',
      () => ['submit', '--program', join(folder, 'none'), ...OFFER],
      connected,
      4,
      'artifact-missing',
    ],
    [
      'a stake below the least',
      () => {
        const state = writeSafetensors([['y', { shape: [3], tensor: Tensor.f32([1, 2, 3]) }]])
        return [
          'submit',
          '--program',
          file('g.repops', writeProgramFile(program().encoded)),
          '--state',
          file('g.st', state),
          '--steps',
          '3',
          '--reward',
          '1',
          '--stake',
          '1',
        ]
      },
      connected,
      7,
      'transaction-reverted',
    ],
  ]

  test.each(cases)('%s', async (_, args, env, exit, code) => {
    const plain = await lockstep(args(), env())
    expect(plain).toMatchObject({ exit, out: '' })
    expect(plain.err).toMatch(/^error: [^\n]+\n$/)
    expect(plain.err).toContain(`[${code}]`)
    const json = await lockstep([...args(), '--json'], env())
    expect(json).toMatchObject({ exit, err: '' })
    expect(JSON.parse(json.out)).toMatchObject({ error: { code } })
  })
})

test('a devnet whose deployment is not known: the file is named in which it would be', async () => {
  const unknown = await startBareChain(['--chain-id', '31337'])
  const { exit, err } = await lockstep(['status', '--rpc', unknown.url])
  await unknown.stop()
  expect(exit).toBe(3)
  expect(err).toContain(`.lockstep/devnet/${new URL(unknown.url).port}.json`)
  expect(err).toContain('[not-deployed]')
})

test('a flag without its value is refused', async () => {
  expect(await lockstep(['status', '--rpc'])).toMatchObject({
    exit: 2,
    err: expect.stringContaining('[bad-usage]') as string,
  })
})

describe('on a chain that is no devnet', () => {
  /** A deployment there, as far as a keeper looks before it starts. */
  async function elsewhere(): Promise<Record<string, string>> {
    const { deployment, deploymentFile } = network.devnet
    const { test: control } = controlChain(foreign.url)
    for (const address of Object.values(deployment.contracts)) {
      const bytecode = await network.contracts.chain.client.getCode({ address })
      await control.setCode({ address, bytecode: bytecode! })
    }
    const copy = JSON.parse(readFileSync(deploymentFile, 'utf8')) as object
    return {
      ...connected(),
      LOCKSTEP_RPC: foreign.url,
      LOCKSTEP_DEPLOYMENT: file('8453.json', JSON.stringify({ ...copy, chainId: 8453 })),
      LOCKSTEP_PRIVATE_KEY: LOCAL_KEY,
    }
  }

  test.each([
    ['--cheat', 'step=0,node=0,element=0,bit=0'],
    ['--withhold', 'silent'],
  ])('%s %s is refused', async (...args) => {
    const { exit, err } = await lockstep(['solver', ...args], await elsewhere())
    expect([exit, err]).toEqual([2, expect.stringContaining('[refused]')])
  })

  test('a public key is refused', async () => {
    const env = { ...(await elsewhere()), LOCKSTEP_PRIVATE_KEY: network.privateKey('other') }
    const { exit, err } = await lockstep(['challenger'], env)
    expect([exit, err]).toEqual([2, expect.stringContaining('[unsafe-key]')])
  })
})

test('a second process with the same key in the same home is refused', async () => {
  const env = connected()
  const { chain } = network.contracts
  const name = `${chain.id}-${chain.genesis.slice(2, 10)}-${network.address('other').toLowerCase()}.jsonl.lock`
  const release = holdLock(join(env['LOCKSTEP_HOME'], 'journal', name))
  const refused = await lockstep(['stake', '--amount', '1'], env)
  expect(refused).toMatchObject({
    exit: 8,
    err: expect.stringContaining(`pid ${process.pid} on `) as string,
  })
  expect(refused.err).toContain('[in-use]')
  release()
  expect(await lockstep(['stake', '--amount', '1'], env)).toMatchObject({ exit: 0 })
})

test('own money goes into the self-bond and out of it', async () => {
  const env = { ...connected(), LOCKSTEP_PRIVATE_KEY: network.privateKey('submitter') }
  const staked = await lockstep(['stake', '--amount', '30.5', '--json'], env)
  expect(JSON.parse(staked.out)).toMatchObject({ selfBond: '30.5', locked: '0', free: '30.5' })
  expect(await lockstep(['unstake', '--amount', '10'], env)).toMatchObject({ exit: 5 })
  const { unbondingSeconds } = network.devnet.deployment.parameters['vaults'] as {
    unbondingSeconds: number
  }
  await network.devnet.rpc.call('evm_increaseTime', unbondingSeconds)
  await network.devnet.rpc.call('evm_mine')
  expect((await lockstep(['unstake', '--amount', '30.6'], env)).err).toContain('30.5 of 30.5')
  const rest = await lockstep(['unstake', '--amount', '10', '--json'], env)
  expect(JSON.parse(rest.out)).toMatchObject({ amount: '10', selfBond: '20.5', free: '20.5' })
  const shown = await lockstep(['status', '--account', network.address('submitter')], env)
  expect(shown.out).toContain('20.5 $AI self-bond, 0 delegated, 0 leaving; 0 locked, 20.5 free')
})

test.each(['--metrics-port', '--serve-port'])('a taken %s is said in one line', async (flag) => {
  const { port } = new URL(network.devnet.rpcUrl)
  const { exit, err } = await lockstep(['challenger', flag, port], connected())
  expect([exit, err]).toEqual([2, expect.stringMatching(/^error: [^\n]+\n$/)])
  expect(err).toContain(`EADDRINUSE`)
  expect(err).toContain(flag)
})

test('a job goes from the command line to the status page and back', async () => {
  const state = writeSafetensors([['y', { shape: [3], tensor: Tensor.f32([1, 2, 3]) }]])
  const args = [
    '--program',
    file('ok.repops', writeProgramFile(program().encoded)),
    '--state',
    file('ok.st', state),
  ]
  const env = connected()
  const posted = await lockstep(['submit', ...args, ...OFFER, '--json'], env)
  expect(posted).toMatchObject({ exit: 0, err: '' })
  const { job } = JSON.parse(posted.out) as { job: string }
  const shown = await lockstep(
    ['status', '--jobs', job, '--account', network.address('other'), '--json'],
    env,
  )
  expect(JSON.parse(shown.out)).toMatchObject({
    chain: 31337,
    jobs: [{ id: job, status: 'open', reward: '1', stake: '1000', steps: 3, claims: [] }],
    account: { address: network.address('other') },
  })
  expect((await lockstep(['status', '--jobs', job], env)).out).toContain(`job ${job}  open  1 $AI`)
})

test.each([['--help'], ['solver', '--help'], ['submit', '--help']])(
  'help goes to stdout: %s %s',
  async (...args) => {
    const { exit, out, err } = await lockstep(args)
    expect([exit, err]).toEqual([0, ''])
    expect(out).toContain('Usage: lockstep')
  },
)
