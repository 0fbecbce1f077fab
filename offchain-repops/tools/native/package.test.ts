import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addonSourcesDigest } from '../../native/sources.mjs'

// What someone has who installs the package and has no compiler: packed and unpacked as npm does it, with its
// dependencies beside it, and run with nothing on the path.

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const own = path('../..')
const modules = path('../../../node_modules')
const platform = `${process.platform}-${process.arch}`

const work = mkdtempSync(join(tmpdir(), 'lockstep-package-'))
const packed = join(work, 'packed')

beforeAll(() => {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  run(npm, ['pack', '--silent', '--ignore-scripts', '--pack-destination', work], own)
  const archive = readdirSync(work).find((name) => name.endsWith('.tgz'))
  mkdirSync(packed)
  run('tar', ['-xzf', archive ?? '', '-C', packed], work)
  rmSync(join(packed, 'package', 'prebuilds'), { recursive: true, force: true })
  symlinkSync(modules, join(work, 'node_modules'), 'junction')
})

afterAll(() => {
  rmSync(work, { recursive: true })
})

/** The package of this checkout in a folder of its own, with these bytes as the platform's prebuilt addon. */
function install(addon?: Uint8Array): { readonly folder: string; readonly prebuilt: string } {
  const folder = mkdtempSync(join(work, 'installed-'))
  cpSync(packed, folder, { recursive: true })
  writeFileSync(join(folder, 'proof.mts'), PROOF)
  const prebuilt = join(folder, 'package', 'prebuilds', platform, 'repops.napi.node')
  if (addon !== undefined) {
    mkdirSync(dirname(prebuilt), { recursive: true })
    writeFileSync(prebuilt, addon)
  }
  return { folder, prebuilt }
}

/** The addon that was built here, which has to be of the present sources: the platform's, as a release has it. */
function builtAddon(): Buffer {
  const bytes = readFileSync(join(own, 'build', 'Release', 'repops.node'))
  expect(bytes.includes(SAID), 'run npm run build:native -w offchain-repops').toBe(true)
  return bytes
}

const SAID = `repops-sources:${addonSourcesDigest()}`

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

function proof(folder: string, backend: string): Proof {
  const tsx = pathToFileURL(join(modules, 'tsx', 'dist', 'loader.mjs')).href
  const output = run(process.execPath, ['--import', tsx, 'proof.mts', backend], folder, {
    PATH: '',
  })
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
  const { folder, prebuilt } = install(builtAddon())
  const { name, proved, failed, reasons, loaded } = proof(folder, 'auto')
  expect(name).toMatch(/^native-/)
  expect([proved, failed, reasons]).toEqual([58, 0, []])
  expect(loaded).toEqual([realpathSync(prebuilt)])
})

test('one of other sources is refused, and WebAssembly serves and says so', () => {
  const addon = builtAddon()
  addon.write('abababab', addon.indexOf(SAID) + SAID.indexOf(':') + 1)
  const { name, proved, failed, reasons } = proof(install(addon).folder, 'auto')
  expect([name, proved, failed]).toEqual(['wasm', 58, 0])
  expect(reasons).toEqual([
    expect.stringMatching(/compiled from other sources \(abababab\).*; going on with wasm/),
  ])
})

test('without one, WebAssembly serves and says so; who insists is refused', () => {
  const { folder } = install()
  const { name, proved, failed, reasons } = proof(folder, 'auto')
  expect([name, proved, failed]).toEqual(['wasm', 58, 0])
  expect(reasons).toEqual([
    expect.stringMatching(
      new RegExp(`^no native engine for ${platform}: .*; going on with wasm, which is slower$`),
    ),
  ])
  expect(proof(folder, 'native').error).toMatch(/^no native engine for /)
})

test('the package holds what it needs and no tests', () => {
  const names = readdirSync(packed, { recursive: true }).map(String)
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
