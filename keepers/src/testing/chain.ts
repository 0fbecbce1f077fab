import { startAnvil } from '@lockstep/deployments/devnet'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestClient, createWalletClient, http, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { publicKeyOf } from '../config/key.ts'

/** A bare chain without contracts, for tests of what talks to chains. */
export async function startBareChain(args: readonly string[] = []): Promise<{
  url: string
  stop: () => Promise<void>
}> {
  const anvil = await startAnvil(args)
  return { url: anvil.rpc.url, stop: () => anvil.stop() }
}

/** Everything that a test does to a chain from outside. */
export function controlChain(url: string) {
  const transport = http(url)
  return {
    test: createTestClient({ mode: 'anvil', transport }).extend(publicActions),
    wallet: (index: number) =>
      createWalletClient({ account: privateKeyToAccount(publicKeyOf(index)), transport }),
  }
}

type Reply = { readonly result?: unknown; readonly error?: unknown } | undefined

/**
 * An endpoint that passes requests on and lies where `lie` says so: a returned object replaces `result` or `error`
 * of the answer, and a thrown error cuts the connection. What `keep` answers is not passed on at all.
 */
export async function startLiar(
  target: string,
  lie: (method: string, params: readonly unknown[], truth: unknown) => Reply,
  keep: (method: string, params: readonly unknown[]) => Reply | Promise<Reply> = () => undefined,
): Promise<{ url: string; stop: () => void; calls: string[] }> {
  const calls: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void (async () => {
        const body = Buffer.concat(chunks).toString()
        const { method, params, id } = JSON.parse(body) as {
          method: string
          params?: unknown[]
          id: number
        }
        calls.push(method)
        const headers = { 'content-type': 'application/json' }
        let reply: Reply
        let truth: object | undefined
        try {
          reply = await keep(method, params ?? [])
          if (reply === undefined) {
            truth = (await (
              await fetch(target, { method: 'POST', headers, body })
            ).json()) as object
            reply = lie(method, params ?? [], (truth as { result?: unknown }).result)
          }
        } catch {
          request.socket.destroy()
          return
        }
        response.writeHead(200, headers)
        response.end(JSON.stringify(reply === undefined ? truth : { jsonrpc: '2.0', id, ...reply }))
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
    calls,
  }
}
