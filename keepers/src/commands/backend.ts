import {
  type Backend,
  committedVectors,
  provenBackend,
  proveBackend,
  reference,
} from '@lockstep/repops'
import { fail } from '../errors.ts'
import type { Log } from '../log.ts'

const BACKENDS: Readonly<Record<string, Backend>> = { reference }

/**
 * The backend of that name, proved on the committed vectors (docs/spec/repops.md, section 6). Operators
 * on which it differs run on the reference, which must prove all of them: else this machine's engine is
 * broken, and any claim made on it would be slashed.
 */
export async function openBackend(name: string, log: Log): Promise<Backend> {
  if (!Object.hasOwn(BACKENDS, name)) {
    throw fail.badSetting({
      what: `there is no backend ${JSON.stringify(name)}`,
      where: '--backend',
      advice: `known: ${Object.keys(BACKENDS).join(', ')}`,
    })
  }
  const backend = BACKENDS[name]
  const rows = await proveBackend(backend, committedVectors())
  for (const { op, type, failure } of rows) {
    if (failure === undefined) continue
    if (backend === reference) {
      throw fail.brokenEngine({
        what: `the reference computes ${op} on ${type} wrongly: ${failure}`,
        where: `node ${process.version} on ${process.platform}-${process.arch}`,
        advice: 'use another version of Node and report this one',
      })
    }
    log.warn({ backend: name, op, type, failure }, 'operator refused, the reference does it')
  }
  return provenBackend(backend, rows, reference)
}
