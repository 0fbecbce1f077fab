import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { fail, oneLine } from '../errors.ts'

/**
 * GETs `url` with bounds on time and size, whatever the server says or does. Undefined on 404. Redirects are
 * refused: an address names one place. `lookup` resolves its host name, and may refuse to.
 */
export async function download(
  url: string,
  limitBytes: number,
  timeoutSeconds = 30,
  lookup?: LookupFunction,
): Promise<Uint8Array | undefined> {
  try {
    const { status, body } = await exchange(url, { limitBytes, timeoutSeconds, lookup })
    if (status === 404) return undefined
    if (status !== 200) throw new Error(`status ${status}`)
    return body
  } catch (cause) {
    throw fail.missingArtifact(
      {
        what: `download failed: ${oneLine(cause)}`,
        where: url,
        advice: 'check the address or name another --peer',
      },
      { cause },
    )
  }
}

/**
 * GETs `url`, or POSTs `json` to it, with bounds on the time and on the size of the answer. Redirects are not followed.
 * Nothing is read of an answer to a GET that is not 200.
 */
export async function exchange(
  url: string,
  options: {
    readonly json?: string
    readonly limitBytes: number
    readonly timeoutSeconds: number
    readonly lookup?: LookupFunction | undefined
  },
): Promise<{ status: number; body: Uint8Array }> {
  const { json, limitBytes, timeoutSeconds, lookup } = options
  const signal = AbortSignal.timeout(Math.max(0, Math.ceil(timeoutSeconds * 1000)))
  let sent
  try {
    const { request } = url.startsWith('https:') ? https : http
    // A connection of its own: one that another download left could be anywhere.
    sent = request(url, {
      agent: false,
      signal,
      ...(lookup === undefined ? {} : { lookup }),
      ...(json === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' } }),
    })
    sent.end(json)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    // What happens to the request from here on is seen by whoever reads the response.
    sent.on('error', () => undefined)
    const status = response.statusCode ?? 0
    const isWanted = json !== undefined || status === 200
    return { status, body: isWanted ? await read(response, limitBytes) : new Uint8Array() }
  } catch (cause) {
    if (!signal.aborted) throw cause
    throw new Error(`not finished after ${timeoutSeconds} s`, { cause })
  } finally {
    sent?.on('error', () => undefined).destroy()
  }
}

async function read(response: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limitBytes) throw new Error(`more than the expected ${limitBytes} bytes`)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
