import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, 'cache', 'lockstep')
// Of packages, the lockfile stands for all their files.
const ALWAYS = ['package-lock.json', 'keepers/bin/bundle.mjs']
// They find files of their own by where they lie.
const OUTSIDE = [
  'cli-progress',
  'commander',
  'onnxruntime-node',
  'pg',
  'pino',
  'pino-pretty',
  'prom-client',
  'webgpu',
]

/**
 * Imports a TypeScript source of the repository bundled with all that it imports into one file, which starts several
 * times faster than its sources one by one through a compiler. The bundle is kept, and made anew where a source has
 * another time or size than it was made from.
 */
export async function load(source) {
  const name = source.replace(/\.ts$/, '').replaceAll('/', '.')
  const bundle = join(FOLDER, `${name}.mjs`)
  const inputs = join(FOLDER, `${name}.inputs.json`)
  try {
    if (!isFresh(bundle, inputs)) await build(source, bundle, inputs)
  } catch {
    // Where nothing can be written, the sources run as they are, and any other fault is theirs to tell.
    const { register } = await import('tsx/esm/api')
    register()
    return import(pathToFileURL(join(ROOT, source)).href)
  }
  process.setSourceMapsEnabled(true)
  return import(pathToFileURL(bundle).href)
}

function isFresh(bundle, inputs) {
  try {
    statSync(bundle)
    const { root, stamps } = JSON.parse(readFileSync(inputs, 'utf8'))
    // A checkout that was copied or moved finds the other's paths in its bundle.
    return root === ROOT && stamps.every(([path, stamp]) => stampOf(path) === stamp)
  } catch {
    return false
  }
}

function stampOf(path) {
  const { mtimeMs, size } = statSync(path)
  return `${mtimeMs} ${size}`
}

async function build(source, bundle, inputs) {
  // The compiler that tsx brings.
  const require = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'))
  const { build: compile } = require('esbuild')
  const { metafile, outputFiles } = await compile({
    absWorkingDir: ROOT,
    entryPoints: [source],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    metafile: true,
    write: false,
    logLevel: 'silent',
    plugins: [
      { name: 'packages outside', setup: keepOutside },
      { name: 'urls of sources', setup: keepUrls },
    ],
  })
  const sources = Object.keys(metafile.inputs).filter((path) => !path.includes('node_modules/'))
  const paths = [...sources, ...ALWAYS].map((path) => resolve(ROOT, path))
  mkdirSync(FOLDER, { recursive: true })
  for (const { path, contents } of outputFiles) replace(path, contents)
  const stamps = paths.map((path) => [path, stampOf(path)])
  replace(inputs, JSON.stringify({ root: ROOT, stamps }))
}

/** Packages that stay outside are those that the importing source finds: a bundle elsewhere could find other versions. */
function keepOutside({ onResolve }) {
  const names = OUTSIDE.map((name) => name.replaceAll('.', '\\.')).join('|')
  onResolve({ filter: new RegExp(`^(${names})(/|$)`) }, ({ path, resolveDir }) => {
    try {
      const found = createRequire(join(resolveDir, 'any.js')).resolve(path)
      return { path: pathToFileURL(found).href, external: true }
    } catch {
      return { path, external: true } // one that is not installed here: whoever needs it will say so
    }
  })
}

/** Files that a source finds beside itself are still beside it. */
function keepUrls({ onLoad }) {
  onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
    if (path.includes('node_modules')) return undefined
    const url = JSON.stringify(pathToFileURL(path).href)
    const contents = readFileSync(path, 'utf8').replaceAll('import.meta.url', url)
    return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js', resolveDir: dirname(path) }
  })
}

/** Other processes see the old file or the new one. */
function replace(path, contents) {
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, contents)
  renameSync(temporary, path)
}
