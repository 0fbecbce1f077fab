import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const DEMO = fileURLToPath(new URL('../../../tools/demo-market.mjs', import.meta.url))

const amount = z.string().regex(/^-?\d+(\.\d+)?$/)
const shape = z.strictObject({
  entrants: z.array(
    z.strictObject({
      name: z.string(),
      scores: z.array(z.int()),
      total: z.int(),
      price: amount,
      won: z.boolean(),
    }),
  ),
  traders: z.array(z.strictObject({ name: z.string(), paid: amount, redeemed: amount })),
  disputes: z.array(z.looseObject({ job: z.int(), winner: z.literal('challenger') })),
  plot: z.string(),
  seconds: z.number(),
})

const folder = mkdtempSync(join(tmpdir(), 'lockstep-demo-market-'))
const plot = join(folder, 'prices.svg')
const child = spawn(
  process.execPath,
  [DEMO, '--json', '--no-page', '--steps', '4', '--plot', plot],
  {
    stdio: ['ignore', 'pipe', 'pipe'],
  },
)
let [out, errors] = ['', '']
let code: number | null

beforeAll(async () => {
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  code = await new Promise((resolve) => child.once('close', resolve))
}, 900_000)

afterAll(() => {
  child.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

test('the whole play: models, market, a lie caught, settlement', () => {
  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  const report = shape.parse(JSON.parse(out.trimEnd().split('\n').at(-1)!))
  const { entrants, traders, disputes } = report

  // Who learned for longer, or faster, predicts better; the lie would have made Ben's model the best.
  expect(entrants.map(({ name }) => name)).toEqual(['Ada', 'Ben', 'Cyd'])
  const best = Math.max(...entrants.map(({ total }) => total))
  for (const { scores, total, won } of entrants) {
    expect(total).toBe(scores[0] + scores[1])
    expect(total).toBeLessThan(0)
    expect(won).toBe(total === best)
  }
  const [ada, ben] = entrants
  expect(ben.total).toBeLessThan(ada.total)
  expect(disputes).toHaveLength(1)

  // A share of the winner pays 1 $AI, all others nothing; the market maker followed the scores.
  const winner = entrants.find(({ won }) => won)!
  for (const { name, redeemed } of traders)
    expect(Number(redeemed) > 0, name).toBe(name === winner.name || name === 'market maker')
  expect(Number(winner.price)).toBeGreaterThan(0.5)

  const told = out.split('\n')
  const count = (part: string) => told.filter((line) => line.includes(part)).length
  const once = [
    'the lie about Ben',
    'the challenger wins the dispute',
    `the contest is decided: ${winner.name} won`,
    'the market is settled',
  ]
  expect(once.map((part) => [part, count(part)])).toEqual(once.map((part) => [part, 1]))
  expect(readFileSync(plot, 'utf8')).toMatch(/^<svg [^]*<path d="M[^]*<\/svg>\n$/)
})
