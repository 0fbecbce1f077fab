import type { Address, ContractName } from '@lockstep/deployments'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { buildPage, PageError } from './buildPage.ts'

/** What the page is told by `config.json` (src/config/config.ts checks it). */
export interface PageConfig {
  readonly chainId: number
  readonly rpcUrl: string
  readonly graphqlUrl: string
  readonly contracts: Readonly<Record<ContractName, Address>>
  /** Base addresses of stores. */
  readonly artifacts: readonly string[]
  /** A block explorer of the chain, as EIP-3091 has them. */
  readonly explorer?: string | undefined
}

export interface StartPageOptions {
  readonly config: PageConfig
  /** On 127.0.0.1 unless `host` says otherwise; any free one by default. */
  readonly port?: number | undefined
  readonly host?: string | undefined
  /** Stops it, and gives up building. */
  readonly signal?: AbortSignal | undefined
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/**
 * Serves the page with its configuration, having built it if need be. Any server of files does as well: the folder
 * app/dist with a `config.json` in it is all there is. Throws a PageError.
 */
export async function startPage({
  config,
  port = 0,
  host = '127.0.0.1',
  signal,
}: StartPageOptions): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await buildPage(signal)
  const settings = Buffer.from(JSON.stringify(config, null, 2))
  const server = createServer((request, response) => {
    respond(request, response, folder, settings).catch(() => {
      response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const advice = 'take another port'
      reject(new PageError(`the page cannot be served: ${cause.message}; ${advice}`, { cause }))
    })
    server.listen(port, host, resolve)
  })
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    })
  signal?.addEventListener('abort', () => void stop(), { once: true })
  if (signal?.aborted === true) await stop()
  const name = host.includes(':') ? `[${host}]` : host
  return { url: `http://${name}:${(server.address() as AddressInfo | null)?.port ?? port}/`, stop }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  folder: string,
  settings: Buffer,
): Promise<void> {
  const send = (status: number, body: Buffer | string, type = 'text/plain', keep = false) => {
    response.writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': keep ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(405, 'Only GET is answered here.\n')
    return
  }
  const path = pathOf(request.url ?? '/')
  if (path === '/config.json') {
    send(200, settings, TYPES['.json'])
    return
  }
  const file = path === '/' ? '/index.html' : path
  const body =
    path === undefined ? undefined : await readFile(join(folder, file!)).catch(() => undefined)
  if (body === undefined) send(404, 'There is no such file.\n')
  // Names of assets hold a digest of what is in them.
  else
    send(
      200,
      body,
      TYPES[extname(file!)] ?? 'application/octet-stream',
      file!.startsWith('/assets/'),
    )
}

/** The path of an address if it stays below the folder. */
function pathOf(url: string): string | undefined {
  try {
    const path = normalize(decodeURIComponent(url.split(/[?#]/, 1)[0]))
    return path.startsWith('/') && !path.includes('\0') && !path.includes('..') ? path : undefined
  } catch {
    return undefined
  }
}
