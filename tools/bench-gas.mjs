// `npm run bench:gas [-- --json]`: measures, then prints the gas of every transaction kind and operator.
// Rows come from the gas tests (test/**/*.gas.t.sol), which write them to snapshots/gas/.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

/** What must not be exceeded. A row without a limit is there to be watched. */
const limits = {
  fma: 650,
  dot256: 60_000,
  'lmsr.buy': 3_500,
  'lmsr.sell': 3_500,
  'judge.conclude.256': 6_000_000, // what a market gives it
  'prove.max': 2_000_000, // the largest row of all operators; the operator Max has the row prove.Max
  'dispute.gas': 1_000_000,
  'dispute.transactions': 8,
  'dispute.large.gas': 1_000_000,
  'dispute.large.transactions': 8,
  'dispute.withheld.gas': 3_000_000,
}
for (const outcomes of [2, 8, 64, 256]) {
  limits[`delphi.create.${outcomes}`] = 400_000
  limits[`delphi.buy.first.${outcomes}`] = 100_000
  limits[`delphi.buy.${outcomes}`] = 75_000
  limits[`delphi.sell.${outcomes}`] = 75_000
  limits[`delphi.settle.${outcomes}`] = 100_000
  limits[`delphi.redeem.${outcomes}`] = 60_000
}

await setup()
const json = process.argv.includes('--json')
const folder = join(root, 'snapshots', 'gas')
const forge = join(root, 'node_modules', '.bin', 'forge')
// What `npm test` has compiled is not compiled again.
const folders = ['--out', 'out/test', '--cache-path', 'cache/test']
const run = spawnSync(forge, ['test', ...folders, '--match-path', 'test/**/*.gas.t.sol'], {
  cwd: root,
  stdio: ['ignore', json ? 'ignore' : 'inherit', 'inherit'],
})
if (run.status !== 0) {
  console.error(
    'bench:gas: a gas test failed; run `npx forge test --match-path "test/**/*.gas.t.sol"` to see it.',
  )
  process.exit(1)
}

const rows = []
for (const file of readdirSync(folder).sort()) {
  if (!file.endsWith('.json')) continue
  for (const [name, value] of Object.entries(
    JSON.parse(readFileSync(join(folder, file), 'utf8')),
  )) {
    const unit = name.endsWith('.transactions') ? 'transactions' : 'gas'
    const limit = limits[name] ?? (name.startsWith('prove.') ? limits['prove.max'] : undefined)
    rows.push({ name, value: Number(value), unit, ...(limit === undefined ? {} : { limit }) })
  }
}
rows.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))

const missing = Object.keys(limits).filter((name) => !rows.some((row) => row.name === name))
const over = rows.filter((row) => row.limit !== undefined && row.value > row.limit)
const out = json ? console.error : console.log
out('| row | value | unit | limit |\n|---|---:|---|---:|')
for (const row of rows) {
  out(
    `| ${row.name} | ${row.value.toLocaleString('en')} | ${row.unit} | ${row.limit?.toLocaleString('en') ?? ''} |`,
  )
}
for (const name of missing) out(`missing: ${name}`)
for (const row of over) out(`over its limit: ${row.name}`)
if (json) console.log(JSON.stringify({ rows }))
process.exitCode = missing.length + over.length === 0 ? 0 : 1
