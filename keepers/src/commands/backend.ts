import {
  type Backend,
  BACKEND_NAMES,
  committedPrograms,
  committedVectors,
  isDeviceLost,
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
import type { Metrics } from '../metrics.ts'
import { Engine } from '../trace/engine.ts'
import { fewAtOnce, kernelsAtOnce } from '../trace/few-at-once.ts'

/**
 * The backend of that name, proved, and the fastest of the processor, proved too, from the moment its device is lost: a
 * driver gives a process no device for a second time, so only a restart takes it up again.
 */
export async function openEngine(
  values: Values<'backend' | 'threads'>,
  log: Log,
  metrics: Metrics,
): Promise<Engine> {
  return new Engine(await openBackend(values, log), async (lost, error) => {
    metrics.lostDevices.inc({ backend: lost.name })
    const problem = oneLine(error)
    log.error({ backend: lost.name, problem }, 'the device is lost: going on on the processor')
    return openBackend({ ...values, backend: 'auto' }, log)
  })
}

/**
 * The backend of that name, proved on the committed vectors (docs/spec/repops.md, section 6). Operators
 * on which it differs run on the reference, which must prove all of them: else this machine's engine is
 * broken, and any claim made on it would be slashed.
 */
export async function openBackend(
  values: Values<'backend' | 'threads'>,
  log: Log,
): Promise<Backend> {
  const most = kernelsAtOnce(process.env['UV_THREADPOOL_SIZE'])
  try {
    return fewAtOnce(await openProved(values, log), most)
  } catch (error) {
    if (!isDeviceLost(error)) throw error
    throw fail.brokenEngine(
      {
        what: oneLine(error),
        where: `--backend ${values.backend}, while it was proved`,
        advice: 'start again or choose another --backend',
      },
      { cause: error },
    )
  }
}

async function openProved(
  { backend: name, threads }: Values<'backend' | 'threads'>,
  log: Log,
): Promise<Backend> {
  const onFallback = (reason: string) => {
    log.warn({ reason }, 'no native engine')
  }
  const backend = await openBackendByName(name, { threads, onFallback }).catch((error: unknown) => {
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
