import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { download } from './download.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('gets the bytes, however they are cut', async () => {
  const url = await serving((_, response) => {
    response.write('ab')
    setTimeout(() => response.end('cd'), 20)
  })
  expect(Buffer.from((await download(url, 4))!).toString()).toBe('abcd')
  await expect(download(url, 3)).rejects.toThrow('more than the expected 3 bytes')
})

test('nothing is not an error, a failure is', async () => {
  const url = await serving(({ url: path }, response) =>
    response.writeHead(Number(path?.slice(1))).end(),
  )
  expect(await download(`${url}/404`, 1)).toBeUndefined()
  expect(await download(`${url}/200`, 1)).toEqual(new Uint8Array())
  await expect(download(`${url}/503`, 1)).rejects.toThrow(/status 503/)
})

test.each([
  ['says nothing', () => undefined],
  ['never finishes', (write: () => void) => setInterval(write, 50)],
])('a server that %s is left when the time is over', async (_, begin) => {
  let close = (): void => undefined
  const closed = new Promise<void>((resolve) => (close = resolve))
  const url = await serving((__, response) => {
    response.on('close', close)
    begin(() => response.write('x'))
  })
  const started = performance.now()
  await expect(download(url, 1 << 20, 0.4001)).rejects.toThrow('not finished after 0.4')
  expect(performance.now() - started).toBeLessThan(2000)
  await closed // the connection is given up too
})
