import { join } from 'node:path'
import type { Contracts } from '../chain/contracts.ts'
import type { SettingName, Values } from '../config/settings.ts'
import type { EvaluatorLimits } from '../contest/evaluator.ts'
import type { Office } from '../contest/office.ts'
import { Secrets } from '../contest/secrets.ts'
import { createCommandLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { serve } from '../store/server.ts'
import { Workshop } from '../trace/workshop.ts'
import { openEngine } from './backend.ts'
import { openChain, openMirror, READING, SENDING, WORKING } from './open.ts'

/** Settings of what bounds the programs that are fetched. */
export const LIMITS = ['maxJobMib', 'maxJobNodes'] as const satisfies SettingName[]
/** Settings of everything that acts in contests. */
export const ACTING = [...READING, ...WORKING, ...SENDING, ...LIMITS] as const

type Limits = Values<(typeof LIMITS)[number]>

export function limitsOf({ maxJobMib, maxJobNodes }: Limits): EvaluatorLimits {
  return { maxJobBytes: maxJobMib * 2 ** 20, maxJobNodes }
}

export const openSecrets = (home: string): Secrets => new Secrets(join(home, 'secrets'))

/** Does something with what acting in contests takes. */
export async function withOffice<T>(
  values: Values<(typeof ACTING)[number]>,
  task: (office: Office) => Promise<T>,
): Promise<T> {
  const log = createCommandLog(values.logLevel)
  const { contracts, sender, close } = await openChain(values, log)
  try {
    await sender.recover()
    const mirror = openMirror(values, log)
    const secrets = openSecrets(values.home)
    return await task({ contracts, sender, mirror, secrets, limits: limitsOf(values), log })
  } finally {
    close()
  }
}

/** Shares the store while a task lasts, where --serve-port is given; the task is told where others find it. */
export async function whileServing<T>(
  values: Values<'servePort' | 'serveHost' | 'uri' | 'maxArtifactMib'>,
  { mirror, log }: Pick<Office, 'mirror' | 'log'>,
  task: (from: string | undefined) => Promise<T>,
): Promise<T> {
  const { servePort: port, serveHost: host, uri, maxArtifactMib } = values
  if (port === undefined) return task(uri)
  const maxBytes = maxArtifactMib * 2 ** 20
  const server = await serve({ port, host, folder: mirror.folder, maxBytes, log })
  log.info({ url: server.url }, 'serving')
  try {
    return await task(uri ?? server.url)
  } finally {
    await server.close()
  }
}

/** A workshop that is opened when it is needed first, for commands that may have to run a job. */
export function laterWorkshop(
  values: Values<(typeof WORKING)[number] | (typeof LIMITS)[number]>,
  { contracts, mirror, log }: { contracts: Contracts } & Pick<Office, 'mirror' | 'log'>,
): { workshop: () => Promise<Workshop>; close: () => Promise<void> } {
  let opened: { workshop: Workshop; close: () => Promise<void> } | undefined
  const open = async () => {
    const metrics = new Metrics('contest')
    const engine = await openEngine(values, log, metrics)
    const workshop = new Workshop({
      folder: join(values.home, 'work'),
      ...{ contracts, mirror, engine, ...limitsOf(values), log, metrics },
      saysProgress: true,
    })
    const close = async (): Promise<void> => {
      await workshop.close()
      await engine.close()
    }
    return { workshop, close }
  }
  return {
    workshop: async () => (opened ??= await open()).workshop,
    close: async () => opened?.close(),
  }
}
