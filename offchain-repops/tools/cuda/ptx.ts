import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../cuda/kernels/', import.meta.url))

/** The committed text of the kernels. */
export const PTX_PATH = fileURLToPath(new URL('../../cuda/kernels.ptx', import.meta.url))

/** What says to whoever loads it what it was made from. */
export const PTX_RECORD = fileURLToPath(
  new URL('../../src/backends/cuda/origin.ts', import.meta.url),
)

export const recordOf = (sources: string): string => `/**
 * What cuda/kernels.ptx was made from: npm run build:cuda writes this. A sha256 of the flags, and of the names and
 * contents of the kernels, which the second line of the text says too.
 */
export const PTX_SOURCES = '${sources}'
`

/** The oldest that nvcc 13 makes; every later GPU runs it too. */
const FLAGS = ['--ptx', '-std=c++17', '-arch=compute_75', '--fmad=false']

/**
 * nvcc writes the version of its own day, which older drivers refuse. Nothing in the text needs more than the first version that
 * knows compute capability 7.5 (CUDA 10.0); ptxas is asked whether that is so.
 */
const PTX_VERSION = '6.3'

/** GPUs for which ptxas has to take the text: Turing, Ampere, Hopper. */
export const ARCHITECTURES = ['sm_75', 'sm_80', 'sm_90a'] as const

/** What the text depends on: the sources and how they are compiled. */
export function sourceHash(): string {
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, PTX_VERSION]))
  const names = readdirSync(folder).sort()
  for (const name of names)
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(folder, name)))
  return hash.digest('hex')
}

/** Compiles the kernels. Needs nvcc. */
export function compilePtx(): string {
  const work = mkdtempSync(join(tmpdir(), 'lockstep-ptx-'))
  try {
    const output = join(work, 'kernels.ptx')
    execFileSync('nvcc', [...FLAGS, '-o', output, join(folder, 'kernels.cu')], { stdio: 'inherit' })
    const text = readFileSync(output, 'utf8')
    const code = text
      .slice(text.indexOf('.version'))
      .replace(/^\.version .*$/m, `.version ${PTX_VERSION}`)
      .replace(/^\s*\/\/.*\n/gm, '')
      .replace(/^\t+/gm, ' ')
      .replace(/\n{2,}/g, '\n')
    return `// npm run build:cuda -w offchain-repops\n// ${sourceHash()}\n${code}`
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** What ptxas says of each kernel on an architecture. */
export interface Assembly {
  readonly kernel: string
  readonly registers: number
  readonly spilledBytes: number
}

/** Assembles PTX text. Needs ptxas, and throws what it says against the text. */
export function assemble(path: string, architecture: string): Assembly[] {
  const work = mkdtempSync(join(tmpdir(), 'lockstep-ptx-'))
  try {
    const args = ['-v', `-arch=${architecture}`, '-o', join(work, 'kernels.cubin'), path]
    // ptxas writes what it has to say to standard error.
    const said = execFileSync('/bin/sh', ['-c', 'ptxas "$@" 2>&1', 'ptxas', ...args], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    const blocks = said.split("Compiling entry function '").slice(1)
    return blocks.map((block) => ({
      kernel: block.slice(0, block.indexOf("'")),
      registers: Number(/Used (\d+) registers/.exec(block)?.[1]),
      spilledBytes: Number(/(\d+) bytes spill stores/.exec(block)?.[1]),
    }))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

export const hasTool = (name: string): boolean => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
