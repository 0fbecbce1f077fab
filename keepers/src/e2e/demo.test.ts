import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

const DEMO = fileURLToPath(new URL('../../../tools/demo.mjs', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly lines: readonly string[]
  readonly errors: string
}

/** Runs `npm run demo -- …` to its end. */
function demo(args: readonly string[]): { ended: Promise<Ended>; stop: () => void } {
  const child = spawn(process.execPath, [DEMO, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code) => {
      resolve({ code, lines: out.trimEnd().split('\n'), errors })
    }),
  )
  return { ended, stop: () => child.kill('SIGTERM') }
}

const amount = z.string().regex(/^\d+(\.\d+)?$/)
const shape = z.strictObject({
  jobs: z.array(
    z.strictObject({
      id: z.int(),
      solver: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
      status: z.literal('settled'),
      lossFirst: z.number(),
      lossLast: z.number(),
      paid: amount,
    }),
  ),
  disputes: z.array(
    z.strictObject({
      job: z.int(),
      winner: z.literal('challenger'),
      slashed: amount,
      challengerReward: amount,
      transactions: z.int(),
      gas: z.int(),
      path: z.strictObject({
        checkpoint: z.int(),
        step: z.int(),
        node: z.int(),
        operator: z.string(),
        element: z.int(),
        segment: z.int(),
      }),
    }),
  ),
  seconds: z.number(),
})

describe('the demo in its smallest form', () => {
  // In a gradient of a weight, a product over 256 rows.
  const LIE = { step: 1, node: 312, element: 129, bit: 15 }
  const flags = Object.entries(LIE)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
  let run: ReturnType<typeof demo>
  let ended: Ended

  beforeAll(async () => {
    run = demo([
      '--json',
      '--no-page',
      '--seed',
      '3',
      '--steps',
      '2',
      '--interval',
      '2',
      '--cheat',
      flags,
    ])
    ended = await run.ended
  }, 900_000)
  afterAll(() => {
    run.stop()
  })

  test('ends with one object of the promised shape', () => {
    expect(ended).toMatchObject({ code: 0, errors: '' })
    const { jobs, disputes, seconds } = shape.parse(JSON.parse(ended.lines.at(-1)!))
    expect(jobs.map(({ id }) => id)).toEqual([1, 2])
    for (const { lossFirst, lossLast, paid } of jobs) {
      expect(lossLast).toBeLessThan(lossFirst)
      expect(Number(paid)).toBeGreaterThan(0)
    }
    // The honest solver has done both in the end.
    expect(jobs[1].solver).toBe(jobs[0].solver)
    expect(disputes).toHaveLength(1)
    const [{ job, slashed, challengerReward, transactions, gas, path }] = disputes
    expect(job).toBe(2)
    expect(Number(challengerReward)).toBeGreaterThan(0)
    expect(Number(challengerReward)).toBeLessThan(Number(slashed))
    expect(transactions).toBeGreaterThan(2)
    expect(transactions).toBeLessThanOrEqual(8)
    expect(gas).toBeGreaterThan(100_000)
    expect(gas).toBeLessThan(1_000_000)
    const { step, node, element } = LIE
    expect(path).toMatchObject({ checkpoint: 0, step, node, element, operator: 'MatMul' })
    expect(seconds).toBeGreaterThan(1)
  })

  test('tells each thing as it happens, and once', () => {
    const told = ended.lines.slice(0, -1)
    const count = (part: string) => told.filter((line) => line.includes(part)).length
    const parts = [
      'job 1 settled:',
      `the lie: --cheat ${flags}`,
      'the claim about job 2 is wrong',
      'the challenger wins the dispute',
      'slashed 5000 $AI:',
      'job 2 is open again',
      'job 2 taken by the cheating solver',
      'job 2 taken by the honest solver',
      'job 2 settled:',
    ]
    expect(parts.map((part) => [part, count(part)])).toEqual(parts.map((part) => [part, 1]))
  })
})

test.each([
  [['--frobnicate'], /unknown option '--frobnicate'/],
  [['now'], /too many arguments/],
  [['--steps', '0'], /--steps <n>.*whole number from 1 to 100000/],
  [['--seed', 'x'], /--seed <n>.*whole number/],
  [['--chain', 'l1'], /--chain <kind>.*osaka, optimism/],
  [['--cheat', 'bit=9'], /"bit=9" is no lie .*step=…,node=…,element=…,bit=…/],
  [['--steps', '2', '--cheat', 'step=2,node=0,element=0,bit=1'], /no step 2 .*--cheat.*0 to 1/],
  [['--cheat', 'step=0,node=99999,element=0,bit=1'], /there is no node 99999/],
  [['--cheat', 'step=0,node=0,element=99999999,bit=1'], /there is no element 99999999/],
])('%j is refused in one line, before anything is started', async (args, message) => {
  const { code, lines, errors } = await demo(args).ended
  expect([code, lines]).toEqual([2, ['']])
  expect(errors).toMatch(message)
  expect(errors).toMatch(/^demo: [^\n]+\n$/)
})

test('help is no error', async () => {
  const { code, lines, errors } = await demo(['--help']).ended
  expect([code, errors]).toEqual([0, ''])
  expect(lines[0]).toContain('Usage: npm run demo --')
})
