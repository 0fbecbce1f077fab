// npm run build:native: compiles the C++ engine into offchain-repops/build/Release with node-gyp, unless exactly these
// sources are compiled already. Plain Node, because setting up a fresh clone runs it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { addonSourcesDigest } from '../../native/sources.mjs'

const folder = fileURLToPath(new URL('../..', import.meta.url))

/** What the addon that was built last says it was compiled from; in a process of its own, because it may be replaced. */
function builtSources() {
  const addon = join(folder, 'build', 'Release', 'repops.node')
  const script = 'process.stdout.write(require(process.argv[1]).sources)'
  return spawnSync(process.execPath, ['-e', script, addon], { encoding: 'utf8' }).stdout
}

// How make says that it begins with a file.
const BEGUN = /^\s*C(?:C|XX)\(target\) \S*obj\.target\/(\S+)\.o$/

/**
 * Compiles where needed, and tells `log` of every file that is begun with: it takes a minute. Returns what went wrong,
 * for whoever can do without; undefined where nothing did.
 */
export async function buildNative(log = (line) => console.error(line)) {
  if (builtSources() === addonSourcesDigest()) return undefined
  log('Compiling the native engine (once, a minute or two) ...')
  const started = Date.now()
  // The headers that came with this Node, where they did; else node-gyp fetches them.
  const prefix = dirname(dirname(process.execPath))
  const local = existsSync(join(prefix, 'include', 'node', 'node_api.h'))
  const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  const child = spawn(
    process.execPath,
    [gyp, 'rebuild', `--jobs=${cpus().length}`, ...(local ? [`--nodedir=${prefix}`] : [])],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const output = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line)
      const file = BEGUN.exec(line)?.[1]
      if (file !== undefined) log(`  ${file}`)
    })
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (status !== 0) return output.join('\n').trim()
  log(`Compiled in ${Math.round((Date.now() - started) / 1000)} s.`)
  return undefined
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = await buildNative()
  if (problem !== undefined) {
    console.error(`${problem}\nThe native engine was not built; keepers run without it (slower).`)
    process.exitCode = 1
  }
}
