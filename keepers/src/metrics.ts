import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { fail } from './errors.ts'

/** What one keeper process counts. Amounts of money are in whole units (floating point is for graphs only). */
export class Metrics {
  readonly registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>()
  readonly ticks = this.#counter('ticks', 'Looks at the chain')
  readonly failures = this.#counter('tick_failures', 'Looks at the chain that ended in an error', [
    'code',
  ])
  readonly transactions = this.#counter('transactions', 'Transactions by how they ended', [
    'move',
    'outcome',
  ])
  readonly gas = this.#counter('gas', 'Gas used by mined transactions', ['move'])
  readonly fees = this.#counter('fees_ether', 'Ether paid for mined transactions', ['kind'])
  readonly replacements = this.#counter('replacements', 'Transactions replaced at a higher fee')
  readonly steps = this.#counter('program_steps', 'Steps of programs executed')
  readonly served = this.#counter('http_requests', 'Requests answered by the artifact service', [
    'status',
  ])
  readonly tooSlow = this.#counter(
    'claims_too_slow',
    'Claims whose run or replay takes longer here than there is time',
    ['what'],
  )
  readonly missed = this.#counter('claims_missed', 'Claims whose window ended before their check')
  readonly undefended = this.#counter(
    'claims_undefended',
    'Claims that name this delegate and disagree with its own run',
  )
  readonly lostDevices = this.#counter(
    'devices_lost',
    'Devices that were lost; what they computed goes on on the processor',
    ['backend'],
  )
  readonly unreportable = this.#counter(
    'evaluations_unreportable',
    'Evaluations that were paid for and whose score cannot be opened in their result',
  )
  readonly contests = this.#gauge('contests', 'Contests that are watched and not over')
  readonly marketTrades = this.#counter('market_trades', 'Trades on markets', ['side'])
  readonly marketsResolved = this.#counter('markets_resolved', 'Markets settled or voided')
  readonly seriesSteps = this.#counter('series_steps', 'Steps taken of perpetual series', ['step'])
  readonly redeemed = this.#counter('market_redeemed_ai', '$AI that markets paid', ['for'])
  readonly worstLoss = this.#gauge(
    'market_worst_loss_ai',
    '$AI that would be lost if the worst happened in every market',
  )
  readonly head = this.#gauge('head_block', 'Block number last seen')
  readonly headTime = this.#gauge('head_time_seconds', 'Timestamp of the block last seen')
  readonly balance = this.#gauge('balance_ether', 'Ether of the signing account')

  constructor(role: string) {
    this.registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    this.registry.setDefaultLabels({ role })
    collectDefaultMetrics({ register: this.registry as unknown as Registry })
  }

  /** Serves the metrics on 127.0.0.1; port 0 takes any free one. */
  async listen(port: number): Promise<{ url: string; close: () => void }> {
    const server: Server = createServer((request, response) => {
      if (request.method !== 'GET' || (request.url !== '/metrics' && request.url !== '/health')) {
        response.writeHead(404).end()
        return
      }
      if (request.url === '/health') {
        response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')
        return
      }
      this.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': this.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      )
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        const what = `the metrics cannot be served: ${cause.message}`
        const advice = 'take another port; 0 is any free one'
        reject(fail.badSetting({ what, where: '--metrics-port', advice }, { cause }))
      })
      server.listen(port, '127.0.0.1', resolve)
    })
    server.unref()
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
      close: () => server.close(),
    }
  }

  #counter<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Counter<L> {
    return new Counter({
      name: `lockstep_${name}`,
      help,
      labelNames,
      registers: [this.registry as never],
    })
  }

  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({
      name: `lockstep_${name}`,
      help,
      labelNames,
      registers: [this.registry as never],
    })
  }
}
