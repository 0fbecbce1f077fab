// `npm test`: everything that must hold before a change lands. Runs every check even after one has
// failed, then ends with one line that counts all of them: "N passed, N failed". `npm test -- NAME ...` runs some of
// them, `--with NAME` adds one that needs more than Node, a C++ compiler and a browser.
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { provideChromium } from '../app/testing/chromium.mjs'
import { root, setup } from './setup.mjs'

const bin = (name) => join(root, 'node_modules', '.bin', name)
const work = mkdtempSync(join(tmpdir(), 'lockstep-test-'))
process.once('exit', () => rmSync(work, { recursive: true, force: true }))

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

const vitestReport = (name) => join(work, `${name}.json`)

const vitestCounts = (name) => (code) => {
  if (!existsSync(vitestReport(name))) return { passed: 0, failed: 1 }
  const report = JSON.parse(readFileSync(vitestReport(name), 'utf8'))
  const passed = report.numPassedTests
  let failed = report.numTotalTests - passed // failed, skipped or never run
  if (code !== 0 && failed === 0) failed = 1
  return { passed, failed, slowest: slowestFiles(report) }
}

/** Where the time went: what is slow here makes everything slow. */
const slowestFiles = ({ testResults }) =>
  testResults
    .map(({ name, startTime, endTime }) => [relative(root, name), (endTime - startTime) / 1000])
    .sort(([, a], [, b]) => b - a)
    .slice(0, 12)
    .map(([name, seconds]) => `    ${seconds.toFixed(1).padStart(6)} s  ${name}`)

const forgeFolders = (name) => ['--out', `out/${name}`, '--cache-path', `cache/${name}`]

/**
 * Gives the tests in Solidity what has just been compiled, where they have nothing yet: then they run against the
 * very bytes that are deployed, and half of their compile is done.
 */
function seedTestArtifacts() {
  const cache = join(root, 'cache', 'solidity-files-cache.json')
  const own = join(root, 'cache', 'test')
  if (existsSync(own) || !existsSync(cache)) return
  const known = JSON.parse(readFileSync(cache, 'utf8'))
  known.paths = { ...known.paths, artifacts: 'out/test', build_infos: 'out/test/build-info' }
  rmSync(join(root, 'out', 'test'), { recursive: true, force: true })
  for (const entry of readdirSync(join(root, 'out'))) {
    if (entry === 'test') continue
    cpSync(join(root, 'out', entry), join(root, 'out', 'test', entry), { recursive: true })
  }
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'solidity-files-cache.json'), JSON.stringify(known))
}

/** What is run, how its output is counted, and for some: which check it waits for, and what is done before. */
const check = (name, command, args, counts = whole, { after, prepare } = {}) => ({
  ...{ name, command, args, counts, after, prepare },
})

/** The tests in TypeScript of one part (vitest.config.ts). */
function vitest(name, order) {
  const reporters = ['--reporter=default', '--reporter=json']
  const args = [`--project=${name}*`, ...reporters, `--outputFile.json=${vitestReport(name)}`]
  return check(name, 'vitest', ['run', ...args], vitestCounts(name), order)
}

// Two lanes side by side, each check after the one before it. The Solidity compiler works longest; its tests have
// artifacts to themselves, since the keepers' tests deploy from the others meanwhile. The engine needs no contracts.
const lanes = [
  [
    check('contracts', 'forge', ['build', '--skip', 'test']),
    check('forge test', 'forge', ['test', ...forgeFolders('test')], forgeCounts, {
      prepare: seedTestArtifacts,
    }),
    check('forge fmt', 'forge', ['fmt', '--check']),
    // The linter leaves artifacts without bytecode, which forge would take for compiled.
    check('forge lint', 'forge', ['lint', '--deny=warnings', ...forgeFolders('lint')]),
  ],
  [
    check('prettier', 'prettier', ['--check', '--log-level=warn', '.']),
    check('types', 'tsc', ['-p', 'tsconfig.json']),
    check('page types', 'tsc', ['-p', 'app/tsconfig.json']),
    vitest('engine'),
    vitest('network', { after: 'contracts' }),
  ],
]
/** For the lane that ends first. */
const rest = [check('eslint', 'eslint', ['--max-warnings=0', '.'])]

const tool = (name, ...args) => check(name, 'tsx', args)
const extras = [
  // The kernels for AArch64, cross-compiled and run under an emulator.
  tool('aarch64', 'offchain-repops/tools/native/prove.ts', 'aarch64'),
  // The engine in WebAssembly, compiled again: the committed bytes must come out.
  tool('wasm', 'offchain-repops/tools/native/buildWasm.ts', '--check'),
  // The addons of installations without a compiler, compiled again where their compilers are.
  tool('prebuilds', 'offchain-repops/tools/native/prebuild.mjs', '--check'),
  // WGSL on a software adapter, which is fetched.
  tool('webgpu', 'offchain-repops/tools/webgpu/test.ts'),
]

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
  const extra = word === '--with' ? extras.find(({ name }) => name === words[0]) : undefined
  if (extra === undefined) only.push(word)
  else {
    rest.push(extra)
    wanted.push(words.shift())
  }
}
if (only.length > 0) only.push(...wanted)
const checks = [...lanes.flat(), ...rest]
const unknown = only.find((word) => !checks.some(({ name }) => name === word))
if (unknown !== undefined) {
  const names = checks.map(({ name }) => name).join(', ')
  console.error(`No check is called ${JSON.stringify(unknown)}; there are: ${names}.`)
  process.exit(2)
}
const isRun = (name) => only.length === 0 || only.includes(name)

// Before anything else: minutes would pass until the first test misses it.
const problem = isRun('network') ? provideChromium() : undefined
if (problem !== undefined) {
  console.error(problem)
  process.exit(1)
}
await setup()

const results = new Map()
/** By check, when it has ended or is known not to be run: a promise and what settles it. */
const ended = new Map(
  checks.map(({ name }) => {
    let settle
    const promise = new Promise((resolve) => (settle = resolve))
    return [name, { promise, settle }]
  }),
)

async function runLane(lane) {
  for (const next of lane) await runCheck(next)
  for (let next; (next = rest.shift()) !== undefined; ) await runCheck(next)
}

async function runCheck({ name, command, args, counts, after, prepare }) {
  if (isRun(name)) {
    if (after !== undefined) await ended.get(after).promise
    console.log(`... ${name}`)
    const started = process.hrtime.bigint()
    prepare?.()
    const { code, output } = await run(command, args)
    const seconds = Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000
    const result = { ...counts(code, output), seconds }
    results.set(name, result)
    const ok = result.failed === 0
    console.log(`${ok ? '' : `${output.trimEnd()}\n`}${ok ? ' ok' : '!!!'} ${line(name, result)}`)
    for (const row of result.slowest ?? []) console.log(row)
  }
  ended.get(name).settle()
}

const line = (name, { passed, failed, seconds }) =>
  `${name.padEnd(12)} ${String(passed).padStart(6)} passed ${String(failed).padStart(4)} failed  ${seconds.toFixed(1)} s`

await Promise.all(lanes.map(runLane))

const rows = checks.flatMap(({ name }) => (results.has(name) ? [[name, results.get(name)]] : []))
const sum = (key) => rows.reduce((total, [, result]) => total + result[key], 0)
console.log(`\n${rows.map(([name, result]) => line(name, result)).join('\n')}`)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') === 0 ? 0 : 1
