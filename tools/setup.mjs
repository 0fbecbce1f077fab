// Makes a fresh clone ready: packages from the lockfile, once per lockfile, and the native engine, once per
// version of its sources. Plain Node, no packages, because it runs before there are any.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const supported = Number(process.versions.node.split('.')[0]) >= 20

export async function setup() {
  if (!supported) {
    console.error(
      `Lockstep needs Node 20 or later; this is ${process.version}. Install one and run again.`,
    )
    process.exit(1)
  }
  const release = await takeTurn()
  try {
    installPackages()
    await compileEngine()
  } finally {
    release()
  }
}

const WAIT_MS = 500

/** Two at once would take each other's packages away: the second one waits for the first. */
async function takeTurn() {
  const file = join(root, '.lockstep', 'setup.lock')
  mkdirSync(join(root, '.lockstep'), { recursive: true })
  for (let isTold = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = Number(readIfThere(file))
    if (!isAlive(holder)) {
      rmSync(file, { force: true })
      continue
    }
    if (!isTold) console.error(`Waiting for another set-up of this folder (process ${holder}) ...`)
    isTold = true
    await setTimeout(WAIT_MS)
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** What the stamp says while packages are installed: who finds it knows that they are not whole. */
const UNDER_WAY = 'under way'

/** Installs the packages of the lockfile unless exactly these are installed already. */
function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const modules = join(root, 'node_modules')
  const stamp = join(modules, '.lockstep-installed')
  const last = readIfThere(stamp)
  if (last === lock) return
  if (last === UNDER_WAY) {
    // npm does not look whether what it finds is whole.
    console.error('The last installation was interrupted: it begins anew.')
    rmSync(modules, { recursive: true, force: true })
  }
  console.error('Installing packages (once, a minute or two) ...')
  mkdirSync(modules, { recursive: true })
  writeFileSync(stamp, UNDER_WAY)
  // Not `npm ci`: it refuses a lockfile made where a package's builds for other platforms were not to be had.
  execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    // Its package holds what we use; its script would fetch libraries for CUDA.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    shell: process.platform === 'win32',
  })
  writeFileSync(stamp, lock)
}

/** Without a compiler the prebuilt engine of this platform serves, or the one in WebAssembly. */
async function compileEngine() {
  const { buildNative } = await import('../offchain-repops/tools/native/build.mjs')
  const problem = await buildNative()
  if (problem !== undefined)
    console.error(
      `The native engine was not compiled: ${reasonOf(problem)}\n` +
        'Going on without; `npm run build:native -w offchain-repops` says more.',
    )
}

/** The line of a compiler's output that says what is wrong. */
const reasonOf = (output) => {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'no reason given').trim()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup()
  console.error(
    'All is set up: `npm run demo` plays a job and a dispute, `npx lockstep --help` says the rest.',
  )
}
