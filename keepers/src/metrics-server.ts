import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Values } from './config/settings.ts'
import { fail } from './errors.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { inUrl } from './text.ts'

/**
 * Serves what a role counts, where --metrics-port is given; port 0 takes any free one.
 *
 *     GET /metrics   OpenMetrics
 *     GET /health    200: the process runs
 *     GET /ready     200: the last look at the chain ended well, else 503
 *
 * It keeps no process alive.
 */
export async function serveMetrics(
  metrics: Metrics,
  { metricsPort: port, metricsHost: host, home }: Values<'metricsPort' | 'metricsHost' | 'home'>,
  log: Log,
): Promise<void> {
  if (port === undefined) return
  metrics.watchHome(home)
  const server = createServer((request, response) => {
    answer(metrics, request.method === 'GET' ? request.url : undefined).then(
      ({ status, type = 'text/plain', body }) => {
        response.writeHead(status, { 'content-type': type }).end(body)
      },
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const what = `the metrics cannot be served: ${cause.message}`
      const advice = 'take another port or address; port 0 is any free one'
      reject(fail.badSetting({ what, where: '--metrics-port', advice }, { cause }))
    })
    server.listen(port, host, resolve)
  })
  server.unref()
  const { port: taken } = server.address() as AddressInfo
  log.info({ url: `http://${inUrl(host)}:${taken}/metrics` }, 'metrics')
}

async function answer(
  metrics: Metrics,
  path: string | undefined,
): Promise<{ status: number; type?: string; body?: string }> {
  switch (path) {
    case '/metrics':
      return { status: 200, type: metrics.registry.contentType, body: await metrics.page() }
    case '/health':
      return { status: 200, body: 'ok\n' }
    case '/ready':
      return (await metrics.isReady())
        ? { status: 200, body: 'ok\n' }
        : { status: 503, body: 'not ready\n' }
    default:
      return { status: 404 }
  }
}
