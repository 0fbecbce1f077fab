import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'

/** What programs that link the whole engine are compiled for. */
export interface Target {
  readonly arch: 'x64' | 'arm64'
  readonly compiler: string
  readonly flags: readonly string[]
  /** What runs the program; nothing where this machine does. */
  readonly emulator: string | undefined
  /** Debian packages of the above. */
  readonly packages: string
}

export const thisMachine: Target = {
  arch: process.arch === 'arm64' ? 'arm64' : 'x64',
  compiler: 'g++',
  flags: [],
  emulator: undefined,
  packages: 'g++',
}

export const aarch64: Target = {
  arch: 'arm64',
  compiler: 'aarch64-linux-gnu-g++',
  flags: ['-static'],
  emulator: 'qemu-aarch64-static',
  packages: 'g++-aarch64-linux-gnu qemu-user-static',
}

const folder = fileURLToPath(new URL('../..', import.meta.url))

/** One line that says what to install; undefined where everything is there. */
export function missingTools({ compiler, emulator, packages }: Target): string | undefined {
  const missing = [compiler, ...(emulator === undefined ? [] : [emulator])].filter(
    (command) => spawnSync(command, ['--version']).status !== 0,
  )
  if (missing.length === 0) return undefined
  return `${missing.join(' and ')} not found: apt-get install ${packages}`
}

/**
 * Compiles the engine with every instruction set of the target into `folder`, with the flags of binding.gyp, so that
 * what is proved and measured is what ships. Returns what compiles a source into a program with it, and gives the
 * program's path; further sources are compiled for each instruction set, as the kernels are. Throws where the compiler
 * fails.
 */
export function compileEngine(
  target: Target,
  folder: string,
): (source: string, ...forEachSet: string[]) => string {
  const { cflags, cflags_cc, libraries, engine } = readGyp(target.arch)
  const compile = (...options: readonly string[]): void => {
    run(target.compiler, ...cflags, ...cflags_cc, ...target.flags, ...options)
  }
  const object = (name: string, sources: readonly string[], options: readonly string[]): string => {
    const output = join(folder, `${name}.o`)
    compile(...options, '-c', ...sources, '-o', output)
    return output
  }
  const forSets = (suffix: string, source?: string): string[] =>
    libraries.map(({ target_name, sources, defines = [], cflags: own = [] }) =>
      object(`${target_name}${suffix}`, source === undefined ? sources : [source], [
        ...own,
        ...defines.map((define) => `-D${define}`),
      ]),
    )
  const objects = [
    ...forSets(''),
    ...engine.map((source) => object(basename(source, '.cc'), [source], [])),
  ]
  return (source, ...forEachSet) => {
    const program = join(folder, basename(source, '.cc'))
    const more = forEachSet.flatMap((path) => forSets(`.${basename(path, '.cc')}`, path))
    compile(source, ...objects, ...more, '-lpthread', '-o', program)
    return program
  }
}

/** Runs a compiled program. Throws where it fails. */
export function runProgram({ emulator }: Target, program: string, ...options: string[]): void {
  if (emulator === undefined) run(program, ...options)
  else run(emulator, program, ...options)
}

function run(command: string, ...options: readonly string[]): void {
  const { status, error } = spawnSync(command, options, { cwd: folder, stdio: 'inherit' })
  if (status !== 0) throw error ?? new Error(`${command} failed`)
}

interface GypTarget {
  readonly target_name: string
  readonly sources: readonly string[]
  readonly defines?: readonly string[]
  readonly cflags?: readonly string[]
}

/** What of binding.gyp is used. */
interface Gyp {
  readonly target_defaults: {
    readonly cflags: readonly string[]
    readonly cflags_cc: readonly string[]
  }
  readonly targets: readonly GypTarget[]
  readonly conditions: readonly (readonly [string, { readonly targets: readonly GypTarget[] }])[]
}

function readGyp(arch: Target['arch']) {
  const text = readFileSync(join(folder, 'binding.gyp'), 'utf8').replace(/^\s*#.*$/gm, '')
  const gyp = runInNewContext(`(${text})`) as Gyp // but for its comments it is an expression of JavaScript
  const targets = [
    ...gyp.targets,
    ...gyp.conditions
      .filter(([condition]) => condition === `target_arch=='${arch}'`)
      .flatMap(([, conditional]) => conditional.targets),
  ]
  return {
    ...gyp.target_defaults,
    libraries: targets.filter(({ target_name }) => target_name.startsWith('kernels_')),
    engine: targets
      .filter(({ target_name }) => target_name === 'repops')
      .flatMap(({ sources }) => sources)
      .filter((source) => !source.startsWith('native/binding/')),
  }
}
