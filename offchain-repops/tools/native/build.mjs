// npm run build:native: compiles the C++ engine into offchain-repops/build/Release with node-gyp, unless exactly these
// sources are compiled already. Plain Node, because setting up a fresh clone runs it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../..', import.meta.url))

/** Digest of everything the engine is compiled from, in the order of paths. */
export function sourcesDigest() {
  const hash = createHash('sha256').update(readFileSync(join(folder, 'binding.gyp')))
  const files = ['binding', 'engine', 'kernels'].flatMap((name) =>
    readdirSync(join(folder, 'native', name)).map((file) => join('native', name, file)),
  )
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}

/** Compiles where needed. Returns what went wrong, for whoever can do without; undefined where nothing did. */
export function buildNative(log = (line) => console.error(line)) {
  const stamp = join(folder, 'build', 'sources.sha256')
  const identity = `${sourcesDigest()} ${process.platform}-${process.arch}`
  const built = join(folder, 'build', 'Release', 'repops.node')
  if (existsSync(built) && existsSync(stamp) && readFileSync(stamp, 'utf8') === identity)
    return undefined
  log('Compiling the native engine (once) ...')
  // The headers that came with this Node, where they did; else node-gyp fetches them.
  const prefix = dirname(dirname(process.execPath))
  const local = existsSync(join(prefix, 'include', 'node', 'node_api.h'))
  const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [gyp, 'rebuild', `--jobs=${cpus().length}`, ...(local ? [`--nodedir=${prefix}`] : [])],
    { cwd: folder, encoding: 'utf8' },
  )
  if (status !== 0) return `${stdout}\n${stderr}`.trim()
  writeFileSync(stamp, identity)
  return undefined
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = buildNative()
  if (problem !== undefined) {
    console.error(`${problem}\nThe native engine was not built; keepers run without it (slower).`)
    process.exitCode = 1
  }
}
