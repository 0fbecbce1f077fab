import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeploymentError } from './errors.ts'
import { foundryBinary, REPOSITORY } from './foundry.ts'

const LOCK = join(REPOSITORY, 'cache', 'forge.lock')
const LOCK_SECONDS = 900 // a cold build of everything on a slow machine, and then some

/**
 * Runs forge in the repository and returns what it printed. One at a time: two compilers at work would
 * overwrite each other's cache. Throws a DeploymentError `forgeFailed` with what forge said.
 */
export async function forge(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  await lock()
  try {
    return await run(args, env)
  } finally {
    rmSync(LOCK, { recursive: true, force: true })
  }
}

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(foundryBinary('forge'), args, {
    cwd: REPOSITORY,
    env: { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  process.off('exit', kill)
  if (code !== 0) {
    throw new DeploymentError(
      'forgeFailed',
      `forge ${args.join(' ')} ended with ${code ?? 'a signal'}: ${reason(output)}`,
    )
  }
  return output
}

/** The lines that say why, without the compiler's progress and warnings. */
function reason(output: string): string {
  const lines = output.split('\n')
  const first = lines.findIndex((line) => line.startsWith('Error'))
  return (first < 0 ? lines.slice(-20) : lines.slice(first, first + 20)).join('\n').trim()
}

async function lock(): Promise<void> {
  mkdirSync(join(REPOSITORY, 'cache'), { recursive: true })
  for (let waitedMs = 0; waitedMs < LOCK_SECONDS * 1000; waitedMs += 100) {
    try {
      mkdirSync(LOCK)
      writeFileSync(join(LOCK, 'pid'), String(process.pid))
      return
    } catch {
      if (await ownerIsGone()) rmSync(LOCK, { recursive: true, force: true })
      else await sleep(100)
    }
  }
  throw new DeploymentError(
    'forgeFailed',
    `forge is busy for too long; if it is not, remove ${LOCK}`,
  )
}

async function ownerIsGone(): Promise<boolean> {
  const read = (): number | undefined => {
    try {
      return Number(readFileSync(join(LOCK, 'pid'), 'utf8'))
    } catch {
      return undefined
    }
  }
  let pid = read()
  if (pid === undefined) {
    await sleep(500) // it may just be about to write it
    pid = read()
  }
  if (pid === undefined) return true
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}
