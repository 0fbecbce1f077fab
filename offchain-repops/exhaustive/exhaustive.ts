/**
 * npm run exhaustive [-- exp log tanh erf sin cos pow] [-- --json]
 *
 * For every transcendental: compiles the C transcription of its sequence, measures its distance from
 * the correctly rounded function over all 2^32 inputs (pow: over a billion hard pairs), and
 * computes the same checksums over all inputs with the TypeScript operator. Needs a C compiler
 * (CC, or cc) and about 40 minutes of one free core; fails if a limit is exceeded or a checksum differs.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NAN_BITS } from '../src/numbers/bits.ts'
import { cos, sin } from '../src/numbers/sincos.ts'
import { erf } from '../src/numbers/erf.ts'
import { exp } from '../src/numbers/exp.ts'
import { log } from '../src/numbers/log.ts'
import { tanh } from '../src/numbers/tanh.ts'

const MAX_ULP = 1
const PAIRS = 1_000_000_000
const CHUNK = 2 ** 26

interface Report {
  /** Results by distance from the correctly rounded one: 0, 1, 2, 3 or more steps. */
  readonly steps: readonly number[]
  readonly checksums: readonly number[]
}

const unary = { exp, log, tanh, erf, sin, cos } as const
const names = [...Object.keys(unary), 'pow']

/** FNV over the bits of f at the 2^26 inputs of a chunk. */
function checksum(f: (x: number) => number, chunk: number): number {
  const xs = new Float32Array(4096)
  const xWords = new Uint32Array(xs.buffer)
  const ys = new Float32Array(4096)
  const yWords = new Int32Array(ys.buffer)
  let sum = 0x811c9dc5
  for (let from = 0; from < CHUNK; from += 4096) {
    for (let i = 0; i < 4096; i++) xWords[i] = chunk * CHUNK + from + i
    for (let i = 0; i < 4096; i++) {
      ys[i] = f(xs[i])
      if (ys[i] !== ys[i]) yWords[i] = NAN_BITS
    }
    for (let i = 0; i < 4096; i++) sum = Math.imul(sum ^ yWords[i], 0x01000193)
  }
  return sum >>> 0
}

function main(args: readonly string[]): boolean {
  const chosen = args.filter((arg) => !arg.startsWith('--'))
  const unknown = chosen.find((name) => !names.includes(name))
  if (unknown !== undefined) {
    console.error(`there is no function ${unknown}; choose from ${names.join(' ')}`)
    return false
  }
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-exhaustive-'))
  const check = join(folder, 'check')
  const rows: object[] = []
  let good = true
  try {
    const source = fileURLToPath(new URL('check.c', import.meta.url))
    const flags = ['-std=c11', '-O2', '-march=native', '-ffp-contract=off']
    const compiler = process.env['CC'] ?? 'cc'
    execFileSync(compiler, [...flags, '-o', check, source, '-lm'], { stdio: 'inherit' })
    for (const name of chosen.length > 0 ? chosen : names) {
      const pairs = name === 'pow' ? [String(PAIRS)] : []
      const output = execFileSync(check, [name, ...pairs], { encoding: 'utf8' })
      const { steps, checksums } = JSON.parse(output) as Report
      const worst = steps.findLastIndex((count) => count > 0)
      const total = steps.reduce((a, b) => a + b, 0)
      const exact = (100 * steps[0]) / total
      const f = name in unary ? unary[name as keyof typeof unary] : undefined
      const differs = f && checksums.findIndex((sum, chunk) => checksum(f, chunk) !== sum)
      const agrees = differs === undefined ? '' : differs < 0 ? 'agrees' : `DIFFERS in ${differs}`
      good &&= worst <= MAX_ULP && (differs ?? -1) < 0
      console.log(
        `${name.padEnd(5)} ${String(total).padStart(10)} inputs  max ${worst} ULP  ` +
          `${exact.toFixed(3)} % exact  TypeScript ${agrees || 'on vectors only'}`,
      )
      rows.push({ name: `${name}.maxUlp`, value: worst, unit: 'ULP', limit: MAX_ULP })
      rows.push({ name: `${name}.exact`, value: exact, unit: '%' })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (args.includes('--json')) console.log(JSON.stringify({ rows }))
  return good
}

process.exitCode = main(process.argv.slice(2)) ? 0 : 1
