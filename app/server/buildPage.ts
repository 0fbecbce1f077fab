import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const APP = fileURLToPath(new URL('..', import.meta.url))
const REPOSITORY = dirname(APP.replace(/\/$/, ''))

/** The page cannot be built or served; the message says what to do. */
export class PageError extends Error {
  override readonly name = 'PageError'
}

/** What goes into the page: the packages whose sources it imports, and what fixes the versions of all others. */
const SOURCES = [
  ...['app/src', 'app/index.html', 'app/vite.config.ts', 'app/package.json'],
  ...['deployments/src', 'offchain-repops/src', 'package-lock.json'],
]

/** The folder of the built page, built anew where it is missing or its sources have changed. */
export async function buildPage(signal?: AbortSignal): Promise<string> {
  const folder = join(APP, 'dist')
  const stamp = join(folder, 'built-from')
  const sources = digestOf(SOURCES)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return folder
  // Beside its place, and moved there whole: several processes may build at the same time, or read.
  const fresh = mkdtempSync(join(APP, 'dist-'))
  try {
    const vite = join(
      dirname(createRequire(import.meta.url).resolve('vite/package.json')),
      'bin/vite.js',
    )
    const args = [vite, 'build', '--logLevel', 'warn', '--emptyOutDir', '--outDir', fresh]
    await promisify(execFile)(process.execPath, args, {
      cwd: APP,
      // A test runner's would make the page larger and slower than what users load.
      env: { ...process.env, NODE_ENV: 'production' },
      ...(signal ? { signal } : {}),
    })
    writeFileSync(join(fresh, 'built-from'), sources)
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
  } catch (cause) {
    rmSync(fresh, { recursive: true, force: true })
    // Somebody else was as quick.
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return folder
    const { message, stderr } = cause as { message: string; stderr?: string }
    const why = stderr === undefined || stderr === '' ? message : stderr
    throw new PageError(`the page cannot be built: ${why.trim()}; run npm run build -w app`, {
      cause,
    })
  }
  return folder
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256')
  const add = (path: string): void => {
    hash.update(`${path}\0`)
    hash.update(readFileSync(join(REPOSITORY, path)))
  }
  for (const path of paths) {
    if (!existsSync(join(REPOSITORY, path))) continue
    if (/\.\w+$/.test(path)) {
      add(path)
      continue
    }
    const files = readdirSync(join(REPOSITORY, path), { recursive: true, withFileTypes: true })
    files
      .filter((file) => file.isFile() && !file.name.endsWith('.test.ts'))
      .map((file) => join(file.parentPath, file.name).slice(REPOSITORY.length + 1))
      .sort()
      .forEach(add)
  }
  return hash.digest('hex')
}
