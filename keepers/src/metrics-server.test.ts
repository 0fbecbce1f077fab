import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Log } from './log.ts'
import { Metrics } from './metrics.ts'
import { serveMetrics } from './metrics-server.ts'
import { parseOpenMetrics } from './testing/open-metrics.ts'

async function serve(metrics: Metrics, home: string, metricsPort = 0): Promise<string> {
  let url = ''
  const log = { info: (line: { url: string }) => (url = line.url) } as unknown as Log
  await serveMetrics(metrics, { metricsPort, metricsHost: '127.0.0.1', home }, log)
  return url
}

test('it is ready from the first look that ends well to the first that does not', async () => {
  const metrics = new Metrics('test')
  const ready = new URL('/ready', await serve(metrics, '.'))
  const status = async () => (await fetch(ready)).status
  expect(await status()).toBe(503)
  metrics.ready.set(1)
  expect(await status()).toBe(200)
  metrics.ready.set(0)
  expect(await status()).toBe(503)
})

test('what was never set is not there, and what is left of the disk is measured anew', async () => {
  const metrics = new Metrics('test')
  const home = mkdtempSync(join(tmpdir(), 'lockstep-metrics-'))
  const value = async (url: string, name: string) =>
    parseOpenMetrics(await (await fetch(url)).text()).find((sample) => sample.name === name)?.value
  const url = await serve(metrics, home)
  expect(await value(url, 'lockstep_balance_ether')).toBeUndefined()
  metrics.balance.set(0)
  expect(await value(url, 'lockstep_balance_ether')).toBe(0)
  const free = (await value(url, 'lockstep_home_free_bytes'))!
  expect(free).toBeGreaterThan(0)
  expect(await value(url, 'lockstep_home_disk_bytes')).toBeGreaterThanOrEqual(free)
  metrics.watchHome(join(home, 'none'))
  expect(await value(url, 'lockstep_home_free_bytes')).toBeUndefined()
})

test('a port that is taken is said with the flag', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await expect(serve(new Metrics('test'), '.', port)).rejects.toThrow(/--metrics-port/)
  other.close()
})

test('a head that went back is counted', async () => {
  const metrics = new Metrics('test')
  for (const number of [5n, 6n, 6n, 4n, 7n]) metrics.looked({ number, time: 0n })
  expect(parseOpenMetrics(await metrics.page())).toContainEqual({
    name: 'lockstep_head_regressions_total',
    labels: { role: 'test' },
    value: 1,
  })
})
