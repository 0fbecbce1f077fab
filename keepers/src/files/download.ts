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
  const signal = AbortSignal.timeout(Math.max(0, Math.ceil(timeoutSeconds * 1000)))
  let request
  try {
    const { get } = url.startsWith('https:') ? https : http
    // A connection of its own: one that another download left could be anywhere.
    request = get(url, { agent: false, signal, ...(lookup === undefined ? {} : { lookup }) })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    // What happens to the request from here on is seen by whoever reads the response.
    request.on('error', () => undefined)
    if (response.statusCode === 404) return undefined
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
    return await read(response, limitBytes)
  } catch (cause) {
    const problem = signal.aborted ? `not finished after ${timeoutSeconds} s` : oneLine(cause)
    throw fail.missingArtifact(
      {
        what: `download failed: ${problem}`,
        where: url,
        advice: 'check the address or name another --peer',
      },
      { cause },
    )
  } finally {
    request?.on('error', () => undefined).destroy()
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
