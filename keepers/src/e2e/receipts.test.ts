import { Random } from '@lockstep/repops/testing'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readJob } from '../chain/jobs.ts'
import { readReceipt, type Receipt, receiptText } from '../receipts/receipt.ts'
import { signReceipt } from '../receipts/sign.ts'
import type { Keeper } from '../roles/keeper.ts'
import { startBareChain } from '../testing/chain.ts'
import { cheatedJob } from '../testing/cheats.ts'
import { lockstep } from '../testing/command-line.ts'
import { randomJob } from '../testing/jobs.ts'
import { TestNetwork } from '../testing/network.ts'

let network: TestNetwork
let folder: string

beforeAll(async () => {
  network = await TestNetwork.start()
  folder = mkdtempSync(join(tmpdir(), 'lockstep-receipts-'))
}, 900_000)

afterAll(async () => {
  await network.stop()
  rmSync(folder, { recursive: true, force: true })
})

const backends = { LOCKSTEP_BACKEND: 'wasm' }
/** Knows of no chain. */
const alone = () => ({ ...backends, LOCKSTEP_HOME: mkdtempSync(join(folder, 'home-')) })
const onChain = () => ({
  ...alone(),
  LOCKSTEP_RPC: network.devnet.rpcUrl,
  LOCKSTEP_DEPLOYMENT: network.devnet.deploymentFile,
})

/** Lets an actor claim a job and waits for its receipt. */
async function claimed(keeper: Keeper, id: bigint): Promise<string> {
  const { tick } = network.solver(keeper, { jobs: [id] })
  const { receipts, contracts } = keeper
  await network.play([tick], async () => {
    const { attempt, claim } = await readJob(contracts, id)
    return receipts.has(id, attempt, { id: claim })
  })
  return receipts.path(id, 1)
}

const load = (path: string): Receipt => readReceipt(readFileSync(path, 'utf8'), path)
const save = (receipt: Receipt): string => {
  const path = join(mkdtempSync(join(folder, 'receipt-')), 'receipt.json')
  writeFileSync(path, receiptText(receipt))
  return path
}

describe('the receipt of an honest job', () => {
  let id: bigint
  let keeper: Keeper
  let path: string
  let served: string

  beforeAll(async () => {
    id = await network.post({ ...randomJob(new Random(51)), steps: 7, interval: 3 })
    keeper = network.keeper('solver')
    path = await claimed(keeper, id)
    served = await network.share(keeper)
  })

  test('is right on a machine that has nothing but a peer', async () => {
    const args = ['verify', path, '--peer', served]
    const { exit, out, err } = await lockstep([...args, '--json'], alone())
    expect([exit, err]).toEqual([0, ''])
    const { claim } = await readJob(network.contracts, id)
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      repops: 1,
      job: String(id),
      claim: String(claim),
      signers: [network.address('solver')],
      backend: 'wasm',
      match: true,
    })
    expect((await lockstep(args, alone())).out).toBe(
      `receipt of job ${id} (version 1, RepOps 1): right, 7 steps on wasm have its roots; signed by its solver\n`,
    )
  })

  test('is served, its chain is asked, and the job’s address of artifacts is used', async () => {
    const url = `${served}/receipts/${id}-1.json`
    const { exit, out, err } = await lockstep(['verify', url], onChain())
    expect([exit, err]).toEqual([0, ''])
    expect(out).toMatch(/; the claim is pending, the job claimed\n$/)
    for (const name of [`${id}-2.json`, '..%2fjournal.jsonl', `${id}-1`])
      expect((await fetch(`${served}/receipts/${name}`)).status).toBe(404)
    const answer = await fetch(url)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('brings its artifacts from where it is served, without a chain', async () => {
    const { exit, out } = await lockstep(['verify', `${served}/receipts/${id}-1.json`], alone())
    expect([exit, out]).toEqual([0, expect.stringContaining(': right, 7 steps on wasm')])
  })

  test('names no private address that is called without a chain', async () => {
    expect(load(path).uri).toMatch(/^http:\/\/127\.0\.0\.1:/)
    const { exit, err } = await lockstep(['verify', path], alone())
    expect([exit, err]).toEqual([4, expect.stringContaining('[artifact-missing]')])
  })

  test('is made by anybody who runs the job, and signed with a key', async () => {
    const out = join(folder, 'made.json')
    const key = { LOCKSTEP_PRIVATE_KEY: network.privateKey('other') }
    const made = await lockstep(['receipt', String(id), '--out', out], { ...onChain(), ...key })
    expect(made).toMatchObject({ exit: 0, err: '' })
    const own = load(path)
    const { signatures, ...rest } = load(out)
    expect(rest).toEqual({ ...rest, ...own, signatures: undefined, uri: own.uri })
    expect(signatures.map(({ signer }) => signer)).toEqual([network.address('other')])
    const verified = await lockstep(['verify', out, '--peer', served], alone())
    expect(verified.out).toContain(
      `; not signed by its solver, signed by ${network.address('other')}\n`,
    )
    const unsigned = await lockstep(['receipt', String(id)], onChain())
    expect(readReceipt(unsigned.out, 'stdout')).toEqual({ ...own, signatures: [] })
  })

  test('is signed by whoever has found it right', async () => {
    const out = join(folder, 'signed.json')
    const env = { ...alone(), LOCKSTEP_PRIVATE_KEY: network.privateKey('defender') }
    const args = ['verify', path, '--peer', served, '--out', out]
    expect(await lockstep(args, env)).toMatchObject({ exit: 0 })
    const signers = load(out).signatures.map(({ signer }) => signer)
    expect(signers).toEqual([network.address('solver'), network.address('defender')])
  })

  test('of another claim, or of another chain, is refused by its chain', async () => {
    const solver = privateKeyToAccount(network.privateKey('solver'))
    const changed = async (change: Partial<Receipt>) =>
      save(await signReceipt({ ...load(path), ...change }, solver))
    const cases: [string, string, RegExp][] = [
      [await changed({ claim: 5n }), 'bad-receipt', /attempt that made the claim is none on chain/],
      [await changed({ attempt: 2 }), 'bad-receipt', /attempt that made the claim is 1 on chain/],
      [await changed({ job: 99n }), 'bad-receipt', /computation of the job is 0x0000/],
      [
        await changed({ solver: network.address('other') }),
        'bad-receipt',
        /solver is .* on chain 31337, the receipt says/,
      ],
      [
        await changed({ chain: { ...load(path).chain, genesis: `0x${'1'.repeat(64)}` } }),
        'wrong-chain',
        /of a chain with the genesis 0x1111/,
      ],
    ]
    for (const [file, code, says] of cases) {
      const { exit, out, err } = await lockstep(['verify', file], onChain())
      expect([exit, out]).toEqual([code === 'wrong-chain' ? 3 : 4, ''])
      expect(err).toMatch(says)
      expect(err).toContain(`[${code}]`)
    }
  })
})

describe('the receipt of a cheat', () => {
  let corruption: Awaited<ReturnType<typeof cheatedJob>>['corruption']
  let id: bigint
  let path: string

  beforeAll(async () => {
    const cheated = await cheatedJob(52, { steps: 7, interval: 3 })
    corruption = cheated.corruption
    id = await network.post(cheated.job)
    path = await claimed(network.keeper('cheat', { corruption }), id)
  })

  test('names the step', async () => {
    const { exit, out, err } = await lockstep(['verify', path, '--json'], onChain())
    expect([exit, err]).toEqual([6, ''])
    const { step } = corruption
    expect(JSON.parse(out)).toMatchObject({
      match: false,
      signers: [network.address('cheat')],
      differs: { steps: { first: step, last: step }, interval: Math.floor(step / 3) },
    })
    const plain = await lockstep(['verify', path], onChain())
    expect(plain.out).toMatch(
      new RegExp(
        `^receipt of job ${id} \\(version 1, RepOps 1\\): wrong on wasm, first at step ${step} `,
      ),
    )
    expect(plain.out.split('\n')).toHaveLength(2)
  })

  test('is given by nobody else', async () => {
    const { exit, err } = await lockstep(['receipt', String(id)], onChain())
    expect(exit).toBe(6)
    expect(err).toMatch(/^error: the claim is wrong: [^\n]+\[negative\]\n$/)
  })

  test('whose lie is one of its trace alone is found out too', async () => {
    const honest = await network.post({ ...randomJob(new Random(53)), steps: 6, interval: 3 })
    const receipt = load(await claimed(network.keeper('solver'), honest))
    const roots = receipt.trace.roots.with(4, `0x${'2'.repeat(64)}`)
    const file = save({ ...receipt, trace: { every: 1, roots }, signatures: [] })
    const { exit, out } = await lockstep(['verify', file], onChain())
    expect([exit, out]).toEqual([6, expect.stringContaining('first at step 3 (interval 1)')])
  })
})

test('a receipt is asked of the chain that it names', async () => {
  const elsewhere = await startBareChain(['--chain-id', '8453'])
  try {
    const env = { ...onChain(), LOCKSTEP_RPC: elsewhere.url }
    const fixed = new URL('../receipts/testing/v1/training.json', import.meta.url).pathname
    const { exit, err } = await lockstep(['verify', fixed], env)
    expect([exit, err]).toEqual([3, expect.stringContaining('[wrong-chain]')])
  } finally {
    await elsewhere.stop()
  }
})
