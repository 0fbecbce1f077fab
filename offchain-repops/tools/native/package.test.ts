import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sourcesDigest } from '../../native/sources.mjs'

// What someone has who installs the package and has no compiler: packed and unpacked as npm does it, with its
// dependencies beside it, and run with nothing on the path.

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const own = path('../..')
const modules = path('../../../node_modules')
const platform = `${process.platform}-${process.arch}`

const work = mkdtempSync(join(tmpdir(), 'lockstep-package-'))
const installed = join(work, 'package')
const prebuilds = join(installed, 'prebuilds')

beforeAll(() => {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  run(npm, ['pack', '--silent', '--ignore-scripts', '--pack-destination', work], own)
  const archive = readdirSync(work).find((name) => name.endsWith('.tgz'))
  run('tar', ['-xzf', archive ?? ''], work)
  symlinkSync(modules, join(work, 'node_modules'), 'junction')
  writeFileSync(join(work, 'proof.mts'), PROOF)
})

afterAll(() => {
  rmSync(work, { recursive: true })
})

/** Opens a backend of the installed package and proves it. */
const PROOF = `
import { createRequire } from 'node:module'
import { committedVectors, openBackendByName, proveBackend } from './package/src/index.ts'
const reasons = []
try {
  const backend = await openBackendByName(process.argv[2], { onFallback: (reason) => reasons.push(reason) })
  const rows = await proveBackend(backend, committedVectors())
  const failed = rows.filter(({ failure }) => failure !== undefined).length
  const loaded = Object.keys(createRequire(import.meta.url).cache).filter((name) => name.includes('repops'))
  console.log(JSON.stringify({ name: backend.name, proved: rows.length - failed, failed, reasons, loaded }))
} catch (error) {
  console.log(JSON.stringify({ error: error.message }))
}
`

interface Proof {
  readonly name: string
  readonly proved: number
  readonly failed: number
  readonly reasons: readonly string[]
  readonly loaded: readonly string[]
  readonly error?: string
}

function proof(backend: string): Proof {
  const tsx = pathToFileURL(join(modules, 'tsx', 'dist', 'loader.mjs')).href
  const output = run(process.execPath, ['--import', tsx, 'proof.mts', backend], work, { PATH: '' })
  return JSON.parse(output) as Proof
}

function run(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...{ cwd, env, encoding: 'utf8', shell: command.endsWith('.cmd') },
  })
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}: ${stderr}${stdout}`)
  return stdout
}

test('a prebuilt addon serves where there is no compiler', () => {
  const folder = join(prebuilds, platform)
  const packed = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  // Before the addons are compiled again for a release, the one that was built here stands for them.
  if (!packed.some((file) => readFileSync(file).includes(sourcesDigest()))) {
    for (const file of packed) rmSync(file)
    mkdirSync(folder, { recursive: true })
    copyFileSync(join(own, 'build', 'Release', 'repops.node'), join(folder, 'repops.napi.node'))
  }
  const { name, proved, failed, reasons, loaded } = proof('auto')
  expect(name).toMatch(/^native-/)
  expect([proved, failed, reasons]).toEqual([58, 0, []])
  expect(loaded.map((file) => file.startsWith(folder))).toEqual([true])
})

test('one of other sources is refused, and WebAssembly serves and says so', () => {
  const folder = join(prebuilds, platform)
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
    bytes.write('abababab', bytes.indexOf(`repops-sources:${sourcesDigest()}`) + 15)
    writeFileSync(join(folder, name), bytes)
  }
  const { name, proved, failed, reasons } = proof('auto')
  expect([name, proved, failed]).toEqual(['wasm', 58, 0])
  expect(reasons).toEqual([
    expect.stringMatching(/compiled from other sources \(abababab\).*; going on with wasm/),
  ])
})

test('without one, WebAssembly serves and says so; who insists is refused', () => {
  rmSync(prebuilds, { recursive: true })
  const { name, proved, failed, reasons } = proof('auto')
  expect([name, proved, failed]).toEqual(['wasm', 58, 0])
  expect(reasons).toEqual([
    expect.stringMatching(
      new RegExp(`^no native engine for ${platform}: .*; going on with wasm, which is slower$`),
    ),
  ])
  expect(proof('native').error).toMatch(/^no native engine for /)
})

test('the package holds what it needs and no tests', () => {
  const names = readdirSync(installed, { recursive: true }).map(String)
  expect(names.filter((name) => name.endsWith('.test.ts'))).toEqual([])
  expect(names.map((name) => basename(name))).toEqual(
    expect.arrayContaining([
      'engine.wasm',
      'kernels.ptx',
      'binding.gyp',
      'session.cc',
      'build.mjs',
    ]),
  )
})

test('no prebuilt addon that is committed is of other sources', () => {
  const folder = join(own, 'prebuilds')
  const addons = existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.node'))
    : []
  const stale = addons.filter(
    (name) => !readFileSync(join(folder, name)).includes(`repops-sources:${sourcesDigest()}`),
  )
  expect(stale, 'run npm run artifacts -w offchain-repops').toEqual([])
})
