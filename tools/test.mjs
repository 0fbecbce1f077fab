// `npm test`: everything that must hold before a change lands. Runs every check even after one has
// failed, then ends with one line that counts all of them: "N passed, N failed". `npm test -- NAME ...` runs some of
// them, `--with NAME` adds one that needs more than Node and a C++ compiler.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

await setup()

const bin = (name) => join(root, 'node_modules', '.bin', name)
const work = mkdtempSync(join(tmpdir(), 'lockstep-test-'))
const vitestReport = join(work, 'vitest.json')

/** A check that passes or fails as a whole. */
const whole = (code) => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })

/** Sums forge's closing lines; a run that ends without one has failed. */
function forgeCounts(code, output) {
  let passed = 0
  let failed = 0
  const line = /(\d+) tests passed, (\d+) failed, (\d+) skipped \(\d+ total tests\)/g
  for (const match of output.matchAll(line)) {
    passed += Number(match[1])
    failed += Number(match[2]) + Number(match[3]) // a skipped test is a defect
  }
  if (code !== 0 && failed === 0) failed = 1
  return passed + failed === 0 ? { passed: 0, failed: 1 } : { passed, failed }
}

function vitestCounts(code) {
  if (!existsSync(vitestReport)) return { passed: 0, failed: 1 }
  const report = JSON.parse(readFileSync(vitestReport, 'utf8'))
  const passed = report.numPassedTests
  let failed = report.numTotalTests - passed // failed, skipped or never run
  if (code !== 0 && failed === 0) failed = 1
  return { passed, failed }
}

const forgeFolders = (name) => ['--out', `out/${name}`, '--cache-path', `cache/${name}`]

// Two lanes side by side, each check after the one before it. The compiler has one thread and works longest,
// so the tests in Solidity have a lane, and artifacts, to themselves; the keepers' tests deploy from the others.
const lanes = [
  [['forge test', 'forge', ['test', ...forgeFolders('test')], forgeCounts]],
  [
    ['prettier', 'prettier', ['--check', '--log-level=warn', '.'], whole],
    ['eslint', 'eslint', ['--max-warnings=0', '.'], whole],
    ['types', 'tsc', ['-p', 'tsconfig.json'], whole],
    ['forge fmt', 'forge', ['fmt', '--check'], whole],
    // The linter leaves artifacts without bytecode, which forge would take for compiled.
    ['forge lint', 'forge', ['lint', '--deny=warnings', ...forgeFolders('lint')], whole],
    ['contracts', 'forge', ['build', '--skip', 'test'], whole],
    [
      'vitest',
      'vitest',
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`],
      vitestCounts,
    ],
  ],
]

const extras = new Map([
  // The kernels for AArch64, cross-compiled and run under an emulator.
  ['aarch64', ['aarch64', 'tsx', ['offchain-repops/tools/native/prove.ts', 'aarch64'], whole]],
  // The engine in WebAssembly, compiled again: the committed bytes must come out.
  ['wasm', ['wasm', 'tsx', ['offchain-repops/tools/native/buildWasm.ts', '--check'], whole]],
  // The addons that are committed for installations without a compiler, compiled again where their compilers are.
  [
    'prebuilds',
    ['prebuilds', 'tsx', ['offchain-repops/tools/native/prebuild.mjs', '--check'], whole],
  ],
  // WGSL on a software adapter, which is fetched.
  ['webgpu', ['webgpu', 'tsx', ['offchain-repops/tools/webgpu/test.ts'], whole]],
])

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(bin(command), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (output += chunk))
    }
    child.on('error', (error) => resolve({ code: 1, output: String(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

const only = []
const wanted = []
for (const words = process.argv.slice(2); words.length > 0; ) {
  const word = words.shift()
  const extra = word === '--with' ? extras.get(words.shift()) : undefined
  if (extra === undefined) only.push(word)
  else {
    lanes[0].push(extra) // the lane that ends first
    wanted.push(extra[0])
  }
}
if (only.length > 0) only.push(...wanted)
const names = lanes.flat().map(([name]) => name)
const unknown = only.find((name) => !names.includes(name))
if (unknown !== undefined) {
  console.error(`No check is called ${JSON.stringify(unknown)}; there are: ${names.join(', ')}.`)
  process.exit(2)
}

const results = new Map()
async function runLane(checks) {
  for (const [name, command, args, counts] of checks) {
    if (only.length > 0 && !only.includes(name)) continue
    console.log(`... ${name}`)
    const started = process.hrtime.bigint()
    const { code, output } = await run(command, args)
    const seconds = Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000
    const result = { ...counts(code, output), seconds }
    results.set(name, result)
    const ok = result.failed === 0
    console.log(`${ok ? '' : `${output.trimEnd()}\n`}${ok ? ' ok' : '!!!'} ${line(name, result)}`)
  }
}

const line = (name, { passed, failed, seconds }) =>
  `${name.padEnd(12)} ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed  ${seconds.toFixed(1)} s`

await Promise.all(lanes.map(runLane))
rmSync(work, { recursive: true, force: true })

const rows = names.filter((name) => results.has(name)).map((name) => [name, results.get(name)])
const sum = (key) => rows.reduce((total, [, result]) => total + result[key], 0)
console.log(`\n${rows.map(([name, result]) => line(name, result)).join('\n')}`)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') === 0 ? 0 : 1
