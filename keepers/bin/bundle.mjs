import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, 'cache', 'lockstep')
const BUNDLE = join(FOLDER, 'lockstep.mjs')
const INPUTS = join(FOLDER, 'inputs.json')
// Of packages, the lockfile stands for all their files.
const ALWAYS = ['package-lock.json', 'keepers/bin/bundle.mjs']
// They find files of their own by where they lie.
const OUTSIDE = ['cli-progress', 'commander', 'pino', 'pino-pretty', 'prom-client']

/**
 * The command line as one file, which starts several times faster than its sources through a compiler. It is
 * made anew where a source has another time or size than it was made from. Returns its URL.
 */
export async function bundle() {
  if (!isFresh()) await build()
  return pathToFileURL(BUNDLE).href
}

function isFresh() {
  try {
    const inputs = JSON.parse(readFileSync(INPUTS, 'utf8'))
    statSync(BUNDLE)
    return inputs.every(([path, stamp]) => stampOf(path) === stamp)
  } catch {
    return false
  }
}

function stampOf(path) {
  const { mtimeMs, size } = statSync(path)
  return `${mtimeMs} ${size}`
}

async function build() {
  // The compiler that tsx brings.
  const require = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'))
  const { build: compile } = require('esbuild')
  const { metafile, outputFiles } = await compile({
    absWorkingDir: ROOT,
    entryPoints: ['keepers/src/cli.ts'],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: OUTSIDE,
    sourcemap: 'linked',
    metafile: true,
    write: false,
    logLevel: 'silent',
    plugins: [{ name: 'urls of sources', setup: keepUrls }],
  })
  const inputs = Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules/'))
  const stamps = [...inputs, ...ALWAYS]
    .map((path) => resolve(ROOT, path))
    .map((path) => [path, stampOf(path)])
  mkdirSync(FOLDER, { recursive: true })
  for (const { path, contents } of outputFiles) replace(path, contents)
  replace(INPUTS, JSON.stringify(stamps))
}

/** Files that a source finds beside itself are still beside it. */
function keepUrls({ onLoad }) {
  onLoad({ filter: /\.ts$/ }, ({ path }) => {
    if (path.includes('node_modules')) return undefined
    const url = JSON.stringify(pathToFileURL(path).href)
    const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', url)
    return { contents, loader: 'ts', resolveDir: dirname(path) }
  })
}

/** Other processes see the old file or the new one. */
function replace(path, contents) {
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, contents)
  renameSync(temporary, path)
}
