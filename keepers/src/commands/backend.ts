import {
  type Backend,
  BACKEND_NAMES,
  committedPrograms,
  committedVectors,
  openBackendByName,
  type ProgramConformance,
  provenBackend,
  proveBackend,
  provePrograms,
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
  const fused = provenBackend(backend, rows, reference)
  const wrong = await wrongPrograms(fused)
  for (const { program, failure } of wrong)
    log.warn({ backend: backend.name, program, failure }, 'fusion refused, nodes run one by one')
  const proven = wrong.length === 0 ? fused : provenBackend(backend, rows, reference, false)
  const broken = wrong.length === 0 ? undefined : (await wrongPrograms(proven)).at(0)
  if (broken !== undefined)
    throw fail.brokenEngine({
      what: `${broken.program} comes out wrong on the backend ${backend.name}: ${broken.failure ?? ''}`,
      where: `node ${process.version} on ${process.platform}-${process.arch}`,
      advice: 'choose another --backend and report this one',
    })
  log.info({ backend: backend.name, refused: refused.length }, 'backend proved')
  return proven
}

async function wrongPrograms(backend: Backend): Promise<ProgramConformance[]> {
  const programs = await provePrograms(backend, committedPrograms())
  return programs.filter(({ failure }) => failure !== undefined)
}
