import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A stand-in for a node: it knows its chain's id, and answers other methods as it is told to. */
export async function standInRpc(
  options: { chainId?: number; answer?: (method: string, params: unknown) => unknown } = {},
): Promise<{ url: string; chainId: number; close: () => Promise<void> }> {
  const self = { url: '', chainId: options.chainId ?? 31337, close }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.setHeader('access-control-allow-origin', '*')
      response.setHeader('access-control-allow-headers', '*')
      if (request.method === 'OPTIONS') {
        response.writeHead(204).end()
        return
      }
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as Call | Call[]
      const answers = (Array.isArray(asked) ? asked : [asked]).map(({ id, method, params }) => {
        const result =
          method === 'eth_chainId'
            ? `0x${self.chainId.toString(16)}`
            : options.answer?.(method, params)
        return result === undefined
          ? { jsonrpc: '2.0', id, error: { code: -32601, message: `there is no ${method} here` } }
          : { jsonrpc: '2.0', id, result }
      })
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(Array.isArray(asked) ? answers : answers[0]))
    })
  })
  function close(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    })
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return self
}

interface Call {
  readonly id: number
  readonly method: string
  readonly params: unknown
}
