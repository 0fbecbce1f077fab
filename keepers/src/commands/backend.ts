import {
  type Backend,
  BACKEND_NAMES,
  committedVectors,
  fusionFailure,
  openBackendByName,
  provenBackend,
  proveBackend,
  reference,
} from '@lockstep/repops'
import type { Values } from '../config/settings.ts'
import { fail, oneLine } from '../errors.ts'
import type { Log } from '../log.ts'

/**
 * The backend of that name, proved on the committed vectors (docs/spec/repops.md, section 6). Operators
 * on which it differs run on the reference, which must prove all of them: else this machine's engine is
 * broken, and any claim made on it would be slashed.
 */
export async function openBackend(
  { backend: name, threads }: Values<'backend' | 'threads'>,
  log: Log,
): Promise<Backend> {
  const backend = await openBackendByName(name, { threads }).catch((error: unknown) => {
    throw fail.badSetting({
      what: oneLine(error),
      where: `--backend ${name}`,
      advice: `choose another of ${BACKEND_NAMES.join(', ')}`,
    })
  })
  const vectors = committedVectors()
  const rows = await proveBackend(backend, vectors)
  const refused = rows.filter(({ failure }) => failure !== undefined)
  for (const { op, type, failure } of refused)
    log.warn(
      { backend: backend.name, op, type, failure },
      'operator refused, the reference does it',
    )
  if (backend === reference || refused.length > 0) {
    const broken = (backend === reference ? rows : await proveBackend(reference, vectors)).find(
      ({ failure }) => failure !== undefined,
    )
    if (broken !== undefined)
      throw fail.brokenEngine({
        what: `the reference computes ${broken.op} on ${broken.type} wrongly: ${broken.failure ?? ''}`,
        where: `node ${process.version} on ${process.platform}-${process.arch}`,
        advice: 'use another version of Node and report this one',
      })
  }
  const proven = provenBackend(backend, rows, reference)
  const failure = proven.fuses ? await fusionFailure(proven) : undefined
  if (failure !== undefined)
    log.warn({ backend: backend.name, failure }, 'fused kernels refused, it runs node by node')
  log.info({ backend: backend.name, refused: refused.length }, 'backend proved')
  return failure === undefined ? proven : { ...proven, fuses: false }
}
