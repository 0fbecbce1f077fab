import { native, openBackendByName } from '@lockstep/repops'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { isKeystore } from '../config/keystore.ts'
import type { Values } from '../config/settings.ts'
import { oneLine } from '../errors.ts'
import { writeAtomic } from '../files/atomic.ts'
import { type Check, failed, type Finding, ok, warning } from './check.ts'
import { probeBackend } from './probe-backend.ts'

const LEAST_NODE = 20
const COMPILERS = ['g++', 'clang++', 'c++']
const GIB = 2 ** 30
// Below this a journal may not find room for its next line.
const LEAST_DISK_GIB = 1

type Machine = Values<'backend' | 'home' | 'maxJobMib' | 'keyFile'>

/** Checks of what the keeper runs on; they ask nobody else. */
export function machineChecks(values: Machine): Check[] {
  return [
    { name: 'node', run: () => Promise.resolve(checkNode(process.version)) },
    { name: 'compiler', run: checkCompiler },
    { name: 'native engine', run: () => Promise.resolve().then(checkNative) },
    { name: 'WebAssembly', run: checkWebAssembly },
    { name: 'GPU, cuda', run: (seconds) => checkGpu('cuda', values.backend, seconds) },
    { name: 'GPU, webgpu', run: (seconds) => checkGpu('webgpu', values.backend, seconds) },
    { name: 'home', run: () => Promise.resolve().then(() => checkHome(values.home)) },
    { name: 'disk', run: () => Promise.resolve().then(() => checkDisk(values)) },
    { name: 'key file', run: () => Promise.resolve().then(() => checkKeyFile(values.keyFile)) },
  ]
}

export function checkNode(version: string): Finding {
  return Number(version.slice(1).split('.')[0]) >= LEAST_NODE
    ? ok(version)
    : failed(version, `install Node ${LEAST_NODE} or later`)
}

async function checkCompiler(): Promise<Finding> {
  for (const name of COMPILERS) {
    try {
      const { stdout } = await promisify(execFile)(name, ['--version'], { timeout: 5_000 })
      return ok(stdout.split('\n')[0])
    } catch {
      // The next one.
    }
  }
  return warning(
    `none of ${COMPILERS.join(', ')}`,
    'install g++ 12 or clang 16 with make and Python, then npm run setup: without one the engine runs in WebAssembly unless it is prebuilt',
  )
}

function checkNative(): Finding {
  try {
    const { name } = native()
    return ok(name.replace('native-', ''))
  } catch (error) {
    return warning(
      oneLine(error),
      'npm run setup compiles it, given a compiler; until then WebAssembly computes, slower',
    )
  }
}

async function checkWebAssembly(): Promise<Finding> {
  const backend = await openBackendByName('wasm')
  await backend.close()
  return ok('the fallback loads')
}

// Of the time that a check has: the rest is for saying so.
const GPU_PART = 0.9

/** A GPU is wanted only where it is the backend that was chosen. */
async function checkGpu(
  name: 'cuda' | 'webgpu',
  chosen: string,
  seconds: number,
): Promise<Finding> {
  const probed = await probeBackend(name, GPU_PART * seconds)
  const isChosen = chosen === name
  if (probed.opens)
    return ok(isChosen ? 'found, and chosen by --backend' : `found; --backend ${name} uses it`)
  if ('hangs' in probed) {
    const found = `its driver does not answer within ${(GPU_PART * seconds).toFixed(1)} s`
    return isChosen
      ? failed(
          found,
          'reset the device or restart the machine, or choose another --backend; --timeout-seconds waits longer',
        )
      : warning(found, 'nothing here needs it; whatever opens it would hang: reset the device')
  }
  return isChosen
    ? failed(
        probed.problem,
        'mend it, or choose another --backend: lockstep conformance shows which there are',
      )
    : ok(`none, and none is asked for (${probed.problem})`)
}

function checkHome(home: string): Finding {
  const where = resolve(home)
  if (!existsSync(where)) {
    accessSync(existing(where), constants.W_OK)
    return ok(`${where} is not there yet and can be made`)
  }
  const probe = join(where, `.doctor-${randomBytes(6).toString('hex')}`)
  try {
    writeAtomic(probe, 'written by lockstep doctor')
    const isThere = readFileSync(probe, 'utf8') === 'written by lockstep doctor'
    if (!isThere) return failed(`${where} gives back other bytes`, 'use another disk')
    return ok(`${where} can be written`)
  } catch (error) {
    return failed(
      `${where} cannot be written: ${oneLine(error)}`,
      'give this account write access, or choose another --home',
    )
  } finally {
    rmSync(probe, { force: true })
  }
}

function checkDisk({ home, maxJobMib }: Machine): Finding {
  const { bavail, bsize } = statfsSync(existing(resolve(home)))
  const free = (bavail * bsize) / GIB
  const found = `${free.toFixed(1)} GiB free`
  const wanted = maxJobMib / 1024
  if (free < LEAST_DISK_GIB)
    return failed(found, 'make room: a journal that cannot be written stops the keeper')
  if (free < wanted) {
    return warning(
      found,
      `one job may take ${wanted} GiB (--max-job-mib), one more for each that is kept: make room or lower it`,
    )
  }
  return ok(found)
}

function checkKeyFile(path: string | undefined): Finding {
  if (path === undefined) return ok('none is named')
  if (!existsSync(path))
    return failed(`${path} is not there`, 'check --key-file; lockstep init makes one')
  const isEncrypted = isKeystore(readFileSync(path, 'utf8'))
  const mode = statSync(path).mode & 0o777
  const found = `${path}, ${isEncrypted ? 'encrypted' : 'not encrypted'}, mode ${mode.toString(8)}`
  const isOpen = process.platform !== 'win32' && (mode & 0o077) !== 0
  return isOpen ? warning(found, `others can read it: chmod 600 ${path}`) : ok(found)
}

/** The folder itself, or the nearest above it that is there. */
function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path))
}
