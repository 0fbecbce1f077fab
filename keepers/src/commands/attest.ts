import type { Command } from 'commander'
import { once } from 'node:events'
import { join } from 'node:path'
import { checkKey, readKey } from '../config/key.ts'
import { Attester } from '../contest/attester.ts'
import { fail } from '../errors.ts'
import { createLog } from '../log.ts'
import { Metrics } from '../metrics.ts'
import { serveMetrics } from '../metrics-server.ts'
import { serve } from '../store/server.ts'
import { addCommand, type Done } from './command.ts'
import { LIMITS, limitsOf } from './office.ts'
import { openContracts, openMirror, READING } from './open.ts'

/** `lockstep attest`: serves the artifacts of contests and signs that they can be fetched and fit. */
export function addAttest(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'attest',
      examples: [
        'lockstep attest --serve-host 0.0.0.0 --serve-port 8600',
        'lockstep attest --serve-port 8600 --openers 0x7099…79C8   # only contests that this account opened',
      ],
      description: 'serve the artifacts of contests that name this account, and attest them',
      settings: [
        ...READING,
        ...LIMITS,
        'home',
        'peers',
        'maxArtifactMib',
        'keyFile',
        'keyPassphraseFile',
        'servePort',
        'serveHost',
        'metricsPort',
        'metricsHost',
        'openers',
      ],
      run: async (values, context) => {
        const { servePort: port, serveHost: host, home } = values
        if (port === undefined) {
          throw fail.badSetting({
            what: 'nobody can ask an attester that serves nothing',
            where: '--serve-port',
            advice: "give a port; with --serve-host its address is the contest's uri",
          })
        }
        const log = createLog(values.logLevel, 'attest')
        const metrics = new Metrics('attest')
        const account = await readKey(values, process.env)
        const contracts = await openContracts(values)
        checkKey(account, values, contracts.chain.id)
        const mirror = openMirror(values, log)
        const terms = { ...limitsOf(values), openers: values.openers }
        const folder = join(home, 'attested')
        const posts = new Attester({ contracts, account, mirror, folder, terms, log })
        const maxBytes = values.maxArtifactMib * 2 ** 20
        const rest = { maxBytes, log, metrics }
        const server = await serve({ port, host, folder: mirror.folder, posts, ...rest })
        try {
          await serveMetrics(metrics, values, log)
          metrics.ready.set(1)
          log.info({ account: account.address, url: server.url }, 'serving')
          if (!context.signal.aborted) await once(context.signal, 'abort')
        } finally {
          await server.close()
        }
        log.info('stopped')
        return { json: { stopped: true }, lines: [] }
      },
    },
    done,
    signal,
  )
}
