import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createTestClient, createWalletClient, http, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { publicKeyOf } from '../config/key.ts'

const ANVIL = fileURLToPath(
  new URL('../../../node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil', import.meta.url),
)

/** A bare chain without contracts, for tests of what talks to chains. */
export async function startBareChain(args: readonly string[] = []): Promise<{
  url: string
  stop: () => Promise<void>
}> {
  const child: ChildProcess = spawn(ANVIL, ['--port', '0', '--host', '127.0.0.1', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const found = /Listening on (127\.0\.0\.1:\d+)/.exec(output)
      if (found?.[1] !== undefined) resolve(`http://${found[1]}`)
    })
    child.once('error', reject)
    child.once('exit', () => {
      reject(new Error(`anvil ended: ${output}`))
    })
  })
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve()
    }),
  )
  return {
    url,
    stop: async () => {
      process.off('exit', kill)
      kill()
      await ended
    },
  }
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
