/**
 * npm run bench -- [--only PART]... [--backend NAME] [--threads 1,2] [--quick] [--json]
 *
 * Runs the parts of tools/bench/parts.ts, each in a process of its own, and prints their tables; with --json one object
 * on standard output and the tables beside it. Rows are told on standard error as they are measured. Fails where a part
 * does, not where a goal is missed: figures depend on the machine.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { BACKEND_NAMES, openBackendByName } from '../../src/backends/byName.ts'
import type { Row } from './part.ts'
import { aboutPart, PARTS } from './parts.ts'
import { line, table } from './table.ts'
import { threadCounts } from './threads.ts'

const USAGE =
  'npm run bench -- [--only PART]... [--backend NAME] [--threads 1,2] [--quick] [--json]'

const { values, threads } = readArguments()
const say = values.json ? console.error : console.log
const wanted = values.only ?? [...PARTS.keys()]
const unknown =
  wanted.find((name) => !PARTS.has(name)) ??
  [values.backend].find((name) => !BACKEND_NAMES.includes(name))

if (values.help || unknown !== undefined) {
  if (unknown !== undefined)
    console.error(`bench: there is no part or backend ${JSON.stringify(unknown)}`)
  console.error(`${USAGE}\n\nparts:`)
  for (const [name, { about }] of PARTS) console.error(`  ${name.padEnd(12)}${about}`)
  console.error(`\nbackends: ${BACKEND_NAMES.join(', ')}`)
  process.exit(unknown === undefined ? 0 : 2)
}

const machine = {
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  backend: (await openBackendByName(values.backend)).name,
  loadBefore: loadavg()[0],
}
say(
  `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, ${machine.backend}, load ${machine.loadBefore.toFixed(1)} before`,
)

const child = fileURLToPath(new URL('./runPart.ts', import.meta.url))
const parts: { name: string; seconds: number; rows: readonly Row[]; failed?: true }[] = []
for (const name of wanted) {
  say(`\n## ${name}: ${aboutPart(PARTS.get(name)!, values.quick)}\n`)
  const start = performance.now()
  const run = spawn(
    process.execPath,
    [
      ...['--expose-gc', '--import', 'tsx', child, name, values.backend, threads],
      ...(values.quick ? ['--quick'] : []),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(run, 'close') as Promise<[number | null, string | null]>
  const rows: Row[] = []
  for await (const text of createInterface(run.stdout)) {
    const row = JSON.parse(text) as Row
    rows.push(row)
    console.error(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${line(row)}`)
  }
  const [status, signal] = await ended
  const seconds = (performance.now() - start) / 1000
  if (status !== 0) say(`failed${signal ? `: ${signal}` : ''}`)
  if (rows.length > 0) say(`\n${table(rows, values)}`)
  parts.push({ name, seconds, rows, ...(status !== 0 && { failed: true }) })
}
if (values.json) console.log(JSON.stringify({ machine, quick: values.quick, parts }))
process.exitCode = parts.some(({ failed }) => failed) ? 1 : 0

/** What the command line says; ends the process with a line about what is wrong with it. */
function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        backend: { type: 'string', default: 'auto' },
        threads: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    return { values, threads: threadCounts(values.threads).join(',') }
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n\n${USAGE}`)
    return process.exit(2)
  }
}
