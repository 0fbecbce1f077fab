import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DeploymentError } from './errors.ts'
import { foundryBinary, REPOSITORY } from './foundry.ts'
import { guarded } from './guarded.ts'

const LOCK = join(REPOSITORY, 'cache', 'forge.lock')
const LOCK_SECONDS = 900 // a cold build of everything on a slow machine, and then some

/**
 * Runs forge in the repository and returns what it printed. One at a time: two compilers at work would
 * overwrite each other's cache. It ends with the signal, or with this process, even one that is killed.
 * Throws a DeploymentError `forgeFailed` with what forge said.
 */
export async function forge(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<string> {
  await lock(signal)
  try {
    signal?.throwIfAborted()
    return await run(args, env, signal)
  } finally {
    rmSync(LOCK, { recursive: true, force: true })
  }
}

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const child = guarded([foundryBinary('forge'), ...args], {
    cwd: REPOSITORY,
    env: { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: '1', ...env },
  })
  const end = (): void => void child.stdin.end()
  signal?.addEventListener('abort', end, { once: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  signal?.removeEventListener('abort', end)
  signal?.throwIfAborted()
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

async function lock(signal: AbortSignal | undefined): Promise<void> {
  mkdirSync(join(REPOSITORY, 'cache'), { recursive: true })
  for (let waitedMs = 0; waitedMs < LOCK_SECONDS * 1000; waitedMs += 100) {
    signal?.throwIfAborted()
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
