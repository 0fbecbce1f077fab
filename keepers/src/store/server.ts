import type { Hash } from '@lockstep/repops'
import { packHashes } from '@lockstep/repops'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { fail, LockstepError, oneLine } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { ReceiptFiles } from '../receipts/book.ts'
import { inUrl } from '../text.ts'
import { type NodeAt, parseIndex, parsePlace, type Place } from '../trace/place.ts'
import { toAddress } from './artifact.ts'
import type { ArtifactFiles } from './folder.ts'
import { BusyError } from './queue.ts'
import { Readers } from './readers.ts'

/** Parts of traces that their owner shares. Undefined: there is no such trace, or not for this place. */
export interface TraceSource {
  row(checkpointRoot: Hash, place: Place, node: NodeAt): Promise<readonly Hash[] | undefined>
  leaf(checkpointRoot: Hash, place: Place, index: number): Promise<Uint8Array | undefined>
}

/** Answers what is posted to a path; undefined where nothing is answered there. */
export interface Posts {
  post(path: string, body: unknown): Promise<{ status: number; json: object } | undefined>
}

/**
 * Serves artifacts, receipts and rows of traces, read-only:
 *
 *     GET /<programs|lists|tensors>/<root>                     the artifact
 *     GET /receipts/<job>-<attempt>.json                       the receipt of a claim
 *     GET /traces/<checkpoint root>/<place>/row/<height>/<i>   hashes, ROW_LEVELS below that node
 *     GET /traces/<checkpoint root>/<place>/leaf/<i>           the real bytes of a tensor's leaf
 *
 * and, where there is somebody to answer them, questions in JSON by POST. Whoever reads checks everything against a
 * root, so the server needs no authority, only bounds: artifacts go from the disk to the socket in small pieces, none
 * is hashed, and where too many are read the answer is 503 with Retry-After. Who reads nothing for `patienceSeconds` is
 * cut off.
 */
export async function serve(options: {
  port: number
  host: string
  folder: ArtifactFiles
  traces?: TraceSource
  receipts?: ReceiptFiles
  /** Small questions in JSON, of MOST_QUESTION_BYTES at most. */
  posts?: Posts
  maxBytes: number
  patienceSeconds?: number
  log: Log
  metrics?: Metrics
}): Promise<{ url: string; close: () => Promise<void> }> {
  const { log, metrics, patienceSeconds = 20 } = options
  const server = createServer({
    maxHeaderSize: 8192,
    requestTimeout: 30_000,
    headersTimeout: 10_000,
    keepAliveTimeout: 5000,
    connectionsCheckingInterval: 5000,
  })
  server.maxConnections = 256
  const readers = new Readers(MOST_READERS, patienceSeconds)
  server.on('request', (request, response) => {
    respond(request, response, { ...options, readers })
      .catch((error: unknown) => {
        // Cut off in the middle: a status can no longer be sent.
        if (response.headersSent || response.destroyed) throw error
        if (error instanceof BusyError)
          return send(response, { status: 503, retryAfterSeconds: error.retryAfterSeconds })
        log.warn({ url: request.url, problem: oneLine(error) }, 'a request could not be answered')
        const isBad = error instanceof LockstepError && error.code === 'bad-address'
        return send(response, { status: isBad ? 400 : 500 })
      })
      .then((status) => metrics?.served.inc({ status: String(status) }))
      .catch((error: unknown) => {
        request.socket.destroy()
        log.debug({ problem: oneLine(error) }, 'a response broke off')
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
    url: `http://${inUrl(options.host)}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

// So many artifacts are on their way at a time, each with a piece of it in memory.
const MOST_READERS = 64
const PIECE_BYTES = 1 << 16
const MOST_QUESTION_BYTES = 4096
// A response of which the reader takes nothing for so long is given up.
const IDLE_MS = 20_000
const BYTES = 'application/octet-stream'

interface Answer {
  readonly status: number
  readonly body?: Uint8Array | undefined
  /** Of the body; bytes that name nothing else by default. */
  readonly type?: string
  readonly retryAfterSeconds?: number
}

/** Answers one request and returns the status. */
async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: {
    folder: ArtifactFiles
    traces?: TraceSource
    receipts?: ReceiptFiles
    posts?: Posts
    maxBytes: number
    readers: Readers
  },
): Promise<number> {
  const { folder, traces, receipts, posts, maxBytes, readers } = options
  if (request.method === 'POST' && posts !== undefined)
    return send(response, await answerOf(posts, request))
  const headOnly = request.method === 'HEAD'
  if (request.method !== 'GET' && !headOnly) return send(response, { status: 405 })
  // Whoever may read may read from a page as well: there is nothing here that is meant for one reader only.
  response.setHeader('access-control-allow-origin', '*')
  const [, first = '', ...rest] = (request.url ?? '').split('?', 1)[0].split('/')
  if (first === 'traces') {
    const body = traces && (await traceBody(traces, rest))
    return send(response, { status: body === undefined ? 404 : 200, body }, headOnly)
  }
  if (rest.length !== 1) return send(response, { status: 404 })
  const isReceipt = first === 'receipts'
  const find = isReceipt
    ? () => Promise.resolve(receipts?.open(rest[0]))
    : folder.open.bind(folder, toAddress(first, rest[0]), maxBytes)
  const sendFile = async (moved: (bytes: number) => void): Promise<number> => {
    const opened = await find()
    if (opened === undefined) return send(response, { status: 404 })
    const { file, size } = opened
    try {
      writeHead(response, { status: 200, ...(isReceipt ? { type: 'application/json' } : {}) }, size)
      if (headOnly) response.end()
      else {
        const pieces = file.createReadStream({ highWaterMark: PIECE_BYTES, autoClose: false })
        pieces.on('data', (piece) => {
          moved(piece.length)
        })
        await pipeline(pieces, response)
      }
      return 200
    } finally {
      await file.close()
    }
  }
  // A header is no load.
  return headOnly ? sendFile(() => undefined) : readers.admit(request.socket, sendFile)
}

async function answerOf(posts: Posts, request: IncomingMessage): Promise<Answer> {
  const question = await readJson(request)
  if (question === undefined) return { status: 400 }
  const answer = await posts.post((request.url ?? '').slice(1), question.json)
  if (answer === undefined) return { status: 404 }
  const body = new TextEncoder().encode(JSON.stringify(answer.json))
  return { status: answer.status, body, type: 'application/json' }
}

/** What was posted, if it is small and JSON. */
async function readJson(request: IncomingMessage): Promise<{ json: unknown } | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MOST_QUESTION_BYTES) return undefined
    chunks.push(chunk)
  }
  try {
    return { json: JSON.parse(Buffer.concat(chunks).toString('utf8')) }
  } catch {
    return undefined
  }
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

/** Sends an answer that is small enough for memory; returns its status when it has left. */
function send(response: ServerResponse, answer: Answer, headOnly = false): Promise<number> {
  return new Promise((resolve, reject) => {
    response.on('error', reject)
    response.on('close', () => {
      resolve(answer.status)
    })
    writeHead(response, answer, answer.body?.length ?? 0)
    response.end(headOnly ? undefined : answer.body)
  })
}

function writeHead(
  response: ServerResponse,
  { status, type = BYTES, retryAfterSeconds }: Answer,
  length: number,
): void {
  response.setTimeout(IDLE_MS)
  response.writeHead(status, {
    'content-type': type,
    'content-length': length,
    'x-content-type-options': 'nosniff',
    // A root names its bytes for ever; a failure may be over in a moment, and a job's number be another one's.
    'cache-control':
      status === 200 && type === BYTES ? 'public, max-age=31536000, immutable' : 'no-store',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  })
}
