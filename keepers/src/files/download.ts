import { fail, oneLine } from '../errors.ts'

/**
 * GETs `url` with bounds on time and size, whatever the server says or does. Undefined on 404.
 * Redirects are refused: an address names one place.
 */
export async function download(
  url: string,
  limitBytes: number,
  timeoutSeconds = 30,
): Promise<Uint8Array | undefined> {
  const cancel = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000))
  try {
    const response = await fetch(url, { signal: cancel, redirect: 'error' })
    if (response.status === 404) {
      await response.body?.cancel()
      return undefined
    }
    if (!response.ok) {
      await response.body?.cancel()
      throw new Error(`status ${response.status}`)
    }
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body ?? []) {
      size += (chunk as Uint8Array).length
      if (size > limitBytes) throw new Error(`more than the expected ${limitBytes} bytes`)
      chunks.push(chunk as Uint8Array)
    }
    const bytes = new Uint8Array(size)
    let at = 0
    for (const chunk of chunks) {
      bytes.set(chunk, at)
      at += chunk.length
    }
    return bytes
  } catch (cause) {
    const detail = cause instanceof Error && cause.cause ? `: ${oneLine(cause.cause)}` : ''
    throw fail.missingArtifact(
      {
        what: `download failed: ${oneLine(cause)}${detail}`,
        where: url,
        advice: 'check the address or name another --peer',
      },
      { cause },
    )
  }
}
