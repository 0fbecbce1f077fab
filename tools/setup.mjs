// Makes a fresh clone ready: packages from the lockfile, once per lockfile, and the native engine, once per
// version of its sources. Plain Node, no packages, because it runs before there are any.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  installPackages()
  await compileEngine()
}

/** Installs the packages of the lockfile unless exactly these are installed already. */
function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.lockstep-installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.error('Installing packages (once, a minute or so) ...')
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
      `The native engine was not compiled (npm run build:native -w offchain-repops says why); going on without.`,
    )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup()
