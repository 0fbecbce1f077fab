import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WASM_ORIGIN } from '../../src/backends/wasm/origin.ts'

// npm run build:wasm: compiles the C++ engine into wasm/engine.wasm, which is committed, and writes what it was made from
// to src/backends/wasm/origin.ts, for whoever loads it. With --check it compares instead: the same bytes must come out.

const folder = fileURLToPath(new URL('../..', import.meta.url))
const COMPILER = 'clang++-16'
const LIBRARY = '/usr/lib/llvm-16'
const PACKAGES =
  'clang-16 lld-16 libc++-16-dev-wasm32 libc++abi-16-dev-wasm32 libclang-rt-16-dev-wasm32 wasi-libc'

const SOURCES = [
  'native/binding/wasm.cc',
  'native/engine/decode.cc',
  'native/engine/hashing.cc',
  'native/engine/session.cc',
  'native/engine/storage.cc',
  'native/engine/tree.cc',
  'native/kernels/rows_plan.cc',
  'native/kernels/table.cc',
]

const FLAGS = [
  ...['--target=wasm32-wasi', '-mexec-model=reactor', '-msimd128', '-mbulk-memory'],
  ...['-nostdinc++', '-isystem', `${LIBRARY}/include/wasm32-wasi/c++/v1`],
  ...['-O3', '-std=c++20', '-ffp-contract=off', '-fno-math-errno', '-fno-exceptions', '-fno-rtti'],
  ...['-Wall', '-Wextra', '-Wno-psabi', '-DREPOPS_ISA=wasm'],
  ...[`-L${LIBRARY}/lib/wasm32-wasi`, '-Wl,--strip-all', '-Wl,-z,stack-size=1048576'],
]

export const committedModule = join(folder, 'wasm', 'engine.wasm')
const record = join(folder, 'src', 'backends', 'wasm', 'origin.ts')

const recordOf = ({ sources, compiler }: typeof WASM_ORIGIN): string => `/**
 * What wasm/engine.wasm was made from: npm run build:wasm writes this. \`sources\` is a sha256 of the flags, and of the
 * names and contents of sources and headers, which the module says too.
 */
export const WASM_ORIGIN = {
  sources: '${sources}',
  compiler: '${compiler}',
}
`

/** Of the present sources. */
export function moduleSourcesDigest(): string {
  const headers = ['native/engine', 'native/kernels'].flatMap((path) =>
    readdirSync(join(folder, path))
      .filter((name) => name.endsWith('.h') && !['choose.h', 'thread_pool.h'].includes(name))
      .map((name) => `${path}/${name}`),
  )
  const hash = createHash('sha256').update(FLAGS.join(' '))
  for (const path of [...headers, ...SOURCES].sort())
    hash.update(`\n${path}\n`).update(readFileSync(join(folder, path)))
  return hash.digest('hex')
}

/** The version of the compiler that this machine has with all that the module needs; undefined without. */
export function wasmCompiler(): string | undefined {
  const { status, stdout } = spawnSync(COMPILER, ['--version'], { encoding: 'utf8' })
  const complete =
    status === 0 &&
    existsSync(`${LIBRARY}/include/wasm32-wasi/c++/v1/vector`) &&
    existsSync('/usr/lib/wasm32-wasi/libc.a')
  return complete ? stdout.split('\n')[0] : undefined
}

/** Compiles the module. Throws an Error with what the compiler says. */
export function compileModule(): Uint8Array {
  const temporary = mkdtempSync(join(tmpdir(), 'repops-wasm-'))
  try {
    const output = join(temporary, 'engine.wasm')
    const options = [
      ...FLAGS,
      `-DREPOPS_SOURCES=${moduleSourcesDigest()}`,
      ...SOURCES,
      '-o',
      output,
    ]
    const { status, stderr } = spawnSync(COMPILER, options, {
      cwd: folder,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`${COMPILER} failed:\n${stderr}`)
    return readFileSync(output)
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

/** Why the committed module is not what this machine's compiler makes of the sources; undefined where it is. */
function difference(origin: typeof WASM_ORIGIN, bytes: Uint8Array): string | undefined {
  if (WASM_ORIGIN.sources !== origin.sources) return 'the sources have changed since'
  if (WASM_ORIGIN.compiler !== origin.compiler)
    return `it was made by ${WASM_ORIGIN.compiler}, which ${origin.compiler} cannot repeat`
  return Buffer.compare(bytes, readFileSync(committedModule)) === 0
    ? undefined
    : 'the same compiler makes other bytes of the same sources'
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const compiler = wasmCompiler()
  if (compiler === undefined) {
    console.error(`wasm/engine.wasm needs its compiler: apt-get install ${PACKAGES}`)
    process.exitCode = 1
  } else {
    const origin = { sources: moduleSourcesDigest(), compiler }
    const bytes = compileModule()
    if (process.argv.includes('--check')) {
      const problem = difference(origin, bytes)
      if (problem !== undefined) {
        console.error(`wasm/engine.wasm: ${problem}; run npm run build:wasm in offchain-repops`)
        process.exitCode = 1
      }
    } else {
      writeFileSync(committedModule, bytes)
      writeFileSync(record, recordOf(origin))
      console.log(`wasm/engine.wasm: ${bytes.length} bytes`)
    }
  }
}
