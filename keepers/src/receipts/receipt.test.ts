import { hashTypedData, type LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { LockstepError } from '../errors.ts'
import { lockstep } from '../testing/command-line.ts'
import { LOCAL_KEY } from '../testing/keys.ts'
import { checkReceipt } from './check.ts'
import { MOST_ROOTS, readReceipt, type Receipt, receiptText } from './receipt.ts'
import { checkSignatures, receiptHash, signReceipt, typedReceipt } from './sign.ts'
import { spacing } from './state-roots.ts'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-receipt-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const FIXED = fileURLToPath(new URL('testing/v1', import.meta.url))
const path = (name: string) => join(FIXED, `${name}.json`)
const load = (name: string): Receipt => readReceipt(readFileSync(path(name), 'utf8'), name)
const training = load('training')
const other = `0x${'1'.repeat(64)}` as const

let files = 0
function file(content: string): string {
  const name = join(folder, `${files++}.json`)
  writeFileSync(name, content)
  return name
}

function errorOf(task: () => unknown): LockstepError {
  try {
    task()
  } catch (error) {
    if (error instanceof LockstepError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('what is written is read again, whatever the order and the white space', () => {
  for (const name of ['training', 'perplexity', 'wrong']) {
    const receipt = load(name)
    expect(readReceipt(receiptText(receipt), name)).toEqual(receipt)
    const json = JSON.parse(receiptText(receipt)) as Record<string, unknown>
    const turned = JSON.stringify(Object.fromEntries(Object.entries(json).reverse()))
    expect(receiptHash(readReceipt(turned, name))).toBe(receiptHash(receipt))
  }
})

describe('spacing: roots as near as a receipt may hold', () => {
  test.each([
    [1, 1, 1],
    [MOST_ROOTS, 16, 1],
    [MOST_ROOTS + 1, 16, 2],
    [100_000, 16, 8],
    [300_000, 16, 32],
    [100_000, 15, 15],
    [100_000, 1, 7],
    [2 ** 31 - 1, 2 ** 16, 2 ** 17],
  ])('%i steps, an interval of %i: %i', (steps, interval, every) => {
    expect(spacing({ steps, interval })).toBe(every)
    expect(Math.ceil(steps / every)).toBeLessThanOrEqual(MOST_ROOTS)
    expect(interval % every === 0 || every % interval === 0).toBe(true)
  })
})

describe('signatures', () => {
  const stranger: LocalAccount = privateKeyToAccount(generatePrivateKey())

  test('are of the types that the specification names', () => {
    const { domain, types, primaryType, message } = typedReceipt(load('perplexity'))
    expect(domain).toEqual({
      name: 'Lockstep Receipt',
      version: '1',
      chainId: 31337,
      verifyingContract: '0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa',
    })
    const spec = readFileSync(new URL('../../../docs/spec/receipts.md', import.meta.url), 'utf8')
    for (const [name, fields] of Object.entries(types))
      expect(spec).toContain(
        `${name}(${fields.map((field) => `${field.type} ${field.name}`).join(',')})`,
      )
    expect(hashTypedData({ domain, types, primaryType, message })).toBe(
      receiptHash(load('perplexity')),
    )
  })

  test('anybody may add one, once', async () => {
    const twice = await signReceipt(await signReceipt(training, stranger), stranger)
    const solver = privateKeyToAccount(LOCAL_KEY)
    expect(await checkSignatures(twice, 'here')).toEqual([solver.address, stranger.address])
  })

  const changes: [what: string, change: (receipt: Receipt) => Receipt][] = [
    ['the job', (r) => ({ ...r, job: 99n })],
    ['the attempt', (r) => ({ ...r, attempt: 2 })],
    ['the claim', (r) => ({ ...r, claim: 99n })],
    ['the solver', (r) => ({ ...r, solver: stranger.address })],
    ['the chain', (r) => ({ ...r, chain: { ...r.chain, id: 1 } })],
    ['the first block', (r) => ({ ...r, chain: { ...r.chain, genesis: other } })],
    ['the registry', (r) => ({ ...r, chain: { ...r.chain, jobRegistry: stranger.address } })],
    ['the computation', (r) => ({ ...r, computation: { ...r.computation, seed: 5n } })],
    ['the checkpoint root', (r) => ({ ...r, checkpointRoot: other })],
    ['the final state', (r) => ({ ...r, finalStateRoot: other })],
    [
      'a root of the trace',
      (r) => ({ ...r, trace: { ...r.trace, roots: r.trace.roots.with(1, other) } }),
    ],
    ['the score', (r) => ({ ...r, evaluation: { ...r.evaluation!, score: 9 } })],
  ]
  test.each(changes)('are of no use when %s is changed', async (_, change) => {
    const receipt = change(load('perplexity'))
    await expect(checkSignatures(receipt, 'here')).rejects.toMatchObject({ code: 'bad-receipt' })
  })

  test('do not cover where the artifacts are', async () => {
    const moved = { ...training, uri: 'https://elsewhere.example' }
    await expect(checkSignatures(moved, 'here')).resolves.toHaveLength(1)
  })
})

describe('parts that contradict each other', () => {
  const { computation, trace } = training
  const cases: [what: string, change: Partial<Receipt>, says: RegExp][] = [
    ['a version of RepOps to come', { repops: 2 }, /version 2 of RepOps.*computes version 1/],
    ['another program', { program: other }, /^program is 0x1111.*that of the computation is/],
    [
      'a spacing that fits no interval',
      { trace: { ...trace, every: 3 } },
      /^trace\.every is 3.*interval 4/,
    ],
    [
      'a root too few',
      { trace: { ...trace, roots: trace.roots.slice(1) } },
      /has 10 roots, 10 steps have 11/,
    ],
    [
      'another beginning',
      { trace: { ...trace, roots: trace.roots.with(0, other) } },
      /^trace\.roots begins with 0x1111/,
    ],
    ['another end', { finalStateRoot: other }, /^trace\.roots ends with/],
    ['another checkpoint root', { checkpointRoot: other }, /^checkpointRoot is 0x1111/],
    [
      'another checkpoint',
      { trace: { ...trace, roots: trace.roots.with(4, other) } },
      /^checkpointRoot is/,
    ],
    ['an output too many', { outputs: [...training.outputs!, other] }, /has 4 roots.* 3 states/],
    [
      'another output',
      { outputs: training.outputs!.with(1, other) },
      /^finalStateRoot is .*outputs is/,
    ],
    [
      'a score of no state',
      { evaluation: { ...load('accuracy').evaluation!, scoreState: 3 } },
      /scoreState is 3, there are 3/,
    ],
    [
      'constants that are none',
      { computation: { ...computation, constants: 0 } },
      /^computation\.constantsRoot is .* with 0 constants/,
    ],
  ]
  test.each(cases)('%s', (_, change, says) => {
    const error = errorOf(() => {
      checkReceipt({ ...training, ...change }, 'here')
    })
    expect(error.code).toBe('bad-receipt')
    expect(error.message).toMatch(says)
    expect(error.message).toContain('(here)')
  })

  test('a step inside an interval is not in the checkpoint root, but it is signed', async () => {
    const roots = trace.roots.with(5, other)
    const receipt = { ...training, trace: { ...trace, roots } }
    checkReceipt(receipt, 'here')
    await expect(checkSignatures(receipt, 'here')).rejects.toThrow(/is not its own/)
  })
})

describe('what is wrong with a file is said in one line', () => {
  const json = (change: (receipt: Record<string, unknown>) => void): string => {
    const receipt = JSON.parse(receiptText(training)) as Record<string, unknown>
    change(receipt)
    return file(JSON.stringify(receipt))
  }
  const part = (receipt: Record<string, unknown>, name: string) =>
    receipt[name] as Record<string, unknown>
  const cases: [what: string, make: () => string, code: string, says: string][] = [
    ['no file', () => join(folder, 'none.json'), 'artifact-missing', 'ENOENT'],
    ['a folder', () => folder, 'artifact-missing', 'EISDIR'],
    ['no JSON', () => file('receipt'), 'bad-receipt', 'it is not JSON'],
    ['other JSON', () => file('[1]'), 'bad-receipt', 'it is no receipt'],
    ['null', () => file('null'), 'bad-receipt', 'it is no receipt'],
    ['too long', () => file(' '.repeat(2 ** 22 + 1)), 'bad-receipt', 'at most 4194304'],
    [
      'a version to come',
      () => json((r) => (r['version'] = 7)),
      'bad-receipt',
      'a receipt of version 7, this lockstep knows 1',
    ],
    [
      'no version',
      () => json((r) => delete r['version']),
      'bad-receipt',
      'a receipt of version none, this lockstep knows 1',
    ],
    [
      'a version that is a name of every object',
      () => json((r) => (r['version'] = 'constructor')),
      'bad-receipt',
      'this lockstep knows 1',
    ],
    ['a member missing', () => json((r) => delete r['claim']), 'bad-receipt', 'claim is missing'],
    [
      'a member missing further in',
      () => json((r) => delete part(r, 'computation')['seed']),
      'bad-receipt',
      'computation.seed is missing',
    ],
    [
      'a member too many',
      () => json((r) => (part(r, 'trace')['note'] = 'x')),
      'bad-receipt',
      'there should be no note in trace',
    ],
    [
      'no hash',
      () => json((r) => (r['checkpointRoot'] = '0x12')),
      'bad-receipt',
      'checkpointRoot is "0x12", not 0x and 64 lower-case hex digits',
    ],
    [
      'steps beyond the bound',
      () => json((r) => (part(r, 'computation')['steps'] = 2 ** 31)),
      'bad-receipt',
      'computation.steps is 2147483648, not a whole number from 1 to 2147483647',
    ],
    [
      'a job that is no number',
      () => json((r) => (r['job'] = 1)),
      'bad-receipt',
      'job is 1, not digits in quotes',
    ],
    [
      'a root that was changed',
      () => json((r) => (r['checkpointRoot'] = other)),
      'bad-receipt',
      'checkpointRoot is 0x1111',
    ],
    [
      'a signature of something else',
      () => json((r) => (r['job'] = '9')),
      'bad-receipt',
      `the signature of ${training.solver} is not its own`,
    ],
    [
      'no artifacts',
      () => path('training'),
      'artifact-missing',
      'nobody has the artifact programs/',
    ],
    ['nobody there', () => 'http://127.0.0.1:1/x', 'artifact-missing', 'ECONNREFUSED'],
  ]
  test.each(cases)('%s', async (_, make, code, says) => {
    const env = { LOCKSTEP_HOME: join(folder, 'home'), LOCKSTEP_BACKEND: 'wasm' }
    const { exit, out, err } = await lockstep(['verify', make()], env)
    expect([exit, out]).toEqual([4, ''])
    expect(err).toMatch(/^error: [^\n]+\n$/)
    expect(err).toContain(says)
    expect(err).toContain(`[${code}]`)
  })
})
