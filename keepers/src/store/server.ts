import type { Hash } from '@lockstep/repops'
import { packHashes } from '@lockstep/repops'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fail, LockstepError, oneLine } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { type NodeAt, parseIndex, parsePlace, type Place } from '../trace/place.ts'
import { toAddress } from './artifact.ts'
import type { FolderStore } from './folder.ts'
import { BusyError, StrangersQueue } from './queue.ts'

/** Parts of traces that their owner shares. Undefined: there is no such trace, or not for this place. */
export interface TraceSource {
  row(checkpointRoot: Hash, place: Place, node: NodeAt): Promise<readonly Hash[] | undefined>
  leaf(checkpointRoot: Hash, place: Place, index: number): Promise<Uint8Array | undefined>
}

/**
 * Serves artifacts and rows of traces, read-only:
 *
 *     GET /<programs|lists|tensors>/<root>                     the artifact
 *     GET /traces/<checkpoint root>/<place>/row/<height>/<i>   hashes, ROW_LEVELS below that node
 *     GET /traces/<checkpoint root>/<place>/leaf/<i>           the real bytes of a tensor's leaf
 *
 * Whoever reads checks everything against a root, so the server needs no authority, only bounds: beyond them it
 * answers 503 with Retry-After.
 */
export async function serve(options: {
  port: number
  host: string
  folder: FolderStore
  traces?: TraceSource
  maxBytes: number
  log: Log
  metrics?: Metrics
}): Promise<{ url: string; close: () => Promise<void> }> {
  const { log, metrics } = options
  const server = createServer({
    maxHeaderSize: 8192,
    requestTimeout: 30_000,
    headersTimeout: 10_000,
  })
  server.maxConnections = 256
  const reads = new StrangersQueue(MOST_READS, 1)
  server.on('request', (request, response) => {
    answer(request, { ...options, reads })
      .catch((error: unknown): Answer => {
        if (error instanceof BusyError)
          return { status: 503, retryAfterSeconds: error.retryAfterSeconds }
        log.warn({ url: request.url, problem: oneLine(error) }, 'a request could not be answered')
        if (!(error instanceof LockstepError)) return { status: 500 }
        return { status: error.code === 'bad-address' ? 400 : 500 }
      })
      .then((result) => send(response, result, request.method === 'HEAD'))
      .then((status) => metrics?.served.inc({ status: String(status) }))
      .catch((error: unknown) => {
        log.error({ problem: oneLine(error) }, 'a response broke off')
      })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const what = `artifacts cannot be served: ${cause.message}`
      const advice = 'take another port or address'
      reject(fail.badSetting({ what, where: '--serve-port', advice }, { cause }))
    })
    server.listen(options.port, options.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

// Artifacts are hashed as they are read, one at a time; so many requests may wait for theirs.
const MOST_READS = 64

interface Answer {
  readonly status: number
  readonly body?: Uint8Array
  readonly retryAfterSeconds?: number
}

async function answer(
  request: IncomingMessage,
  options: { folder: FolderStore; traces?: TraceSource; maxBytes: number; reads: StrangersQueue },
): Promise<Answer> {
  const { folder, traces, maxBytes, reads } = options
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405 }
  const [, first = '', ...rest] = (request.url ?? '').split('?', 1)[0].split('/')
  if (first !== 'traces') {
    if (rest.length !== 1) return { status: 404 }
    const address = toAddress(first, rest[0])
    const body = await reads.do(() => folder.get(address, maxBytes))
    return body === undefined ? { status: 404 } : { status: 200, body }
  }
  const body = traces && (await traceBody(traces, rest))
  return body === undefined ? { status: 404 } : { status: 200, body }
}

async function traceBody(
  traces: TraceSource,
  path: readonly string[],
): Promise<Uint8Array | undefined> {
  const [root = '', ...below] = path
  toAddress('lists', root)
  const parsed = parsePlace(below)
  if (parsed === undefined) return undefined
  const [what, ...numbers] = parsed.rest
  const [a, b] = numbers.map(parseIndex)
  if (what === 'leaf' && numbers.length === 1 && a !== undefined) {
    return traces.leaf(root as Hash, parsed.place, a)
  }
  if (what === 'row' && numbers.length === 2 && a !== undefined && b !== undefined) {
    const row = await traces.row(root as Hash, parsed.place, { height: a, index: b })
    return row && packHashes(row)
  }
  return undefined
}

function send(
  response: ServerResponse,
  { status, body, retryAfterSeconds }: Answer,
  headOnly: boolean,
): Promise<number> {
  return new Promise((resolve, reject) => {
    response.on('error', reject)
    response.writeHead(status, {
      'content-type': 'application/octet-stream',
      'content-length': body?.length ?? 0,
      'x-content-type-options': 'nosniff',
      // A root names its bytes for ever; a failure may be over in a moment.
      'cache-control': status === 200 ? 'public, max-age=31536000, immutable' : 'no-store',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    })
    response.end(headOnly ? undefined : body, () => {
      resolve(status)
    })
  })
}
