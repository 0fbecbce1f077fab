import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import koffi from 'koffi'

const root = fileURLToPath(new URL('../../../cuda/', import.meta.url))
const FLAGS = [
  '-std=c++20',
  '-O2',
  '-march=native',
  '-fPIC',
  '-shared',
  '-ffp-contract=off',
  '-DREPOPS_HOST',
]

/** A CUDA driver whose device is the host: cuda/stub. It runs the kernel sources themselves, thread by thread. */
export interface StubDriver {
  /** Path of the library. */
  readonly path: string
  /** Gives the device a size; forgets faults and counts. Devices that were opened before keep what they know. */
  reset(size?: {
    readonly memoryBytes?: number | undefined
    readonly processors?: number | undefined
  }): void
  /** The call of that name after `after` others fails with `code`; a code that loses a device does so for good. */
  fail(call: string, after: number, code: number): void
  /** How often a call was made, or a kernel launched, since the last reset. */
  calls(name: string): number
  /** Bytes of the device that are taken. */
  usedBytes(): number
}

/** Builds the stub with g++ (or CXX), unless it has been built from these sources before. */
export function stubDriver(): StubDriver {
  const path = build()
  const library = koffi.load(path)
  const reset = library.func('stubReset', 'void', ['uint64_t', 'int']) as (
    memory: number,
    processors: number,
  ) => void
  const fail = library.func('stubFail', 'void', ['str', 'int', 'int']) as StubDriver['fail']
  const calls = library.func('stubCalls', 'int', ['str']) as StubDriver['calls']
  const used = library.func('stubUsed', 'uint64_t', []) as () => number
  return {
    path,
    reset: ({ memoryBytes = 2 ** 30, processors = 4 } = {}) => {
      reset(memoryBytes, processors)
    },
    fail,
    calls,
    usedBytes: () => used(),
  }
}

function build(): string {
  const sources = ['kernels', 'stub'].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(root, folder, name)),
  )
  const hash = createHash('sha256').update(FLAGS.join(' '))
  for (const path of sources.sort()) hash.update(path).update(readFileSync(path))
  const folder = join(root, 'stub', 'build')
  const library = join(folder, `${hash.digest('hex').slice(0, 16)}.so`)
  if (existsSync(library)) return library
  mkdirSync(folder, { recursive: true })
  const work = mkdtempSync(join(folder, 'work-'))
  try {
    const output = join(work, 'stub.so')
    const units = sources.filter((path) => path.endsWith('.cc'))
    compile([...FLAGS, '-o', output, ...units])
    renameSync(output, library) // whole or not at all: several processes may build it at the same time
    return library
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function compile(args: readonly string[]): void {
  const compiler = process.env['CXX'] ?? 'g++'
  try {
    execFileSync(compiler, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  } catch (cause) {
    throw new Error(
      `the tests of the cuda backend run its kernels on the host and need a C++20 compiler: ${compiler} failed; ` +
        'install g++ or name another one in CXX',
      { cause },
    )
  }
}
