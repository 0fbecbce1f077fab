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
  const cancel = new AbortController()
  // fetch does not always pass an abort on to a body that is being read, so the clock is asked at every chunk.
  let stop = (): void => undefined
  const late = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new Error(`not finished after ${timeoutSeconds} s`))
    }
  })
  late.catch(() => undefined)
  const timer = setTimeout(() => {
    stop()
    cancel.abort()
  }, timeoutSeconds * 1000)
  try {
    const response = await Promise.race([
      fetch(url, { signal: cancel.signal, redirect: 'error' }),
      late,
    ])
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
    const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
    for (;;) {
      const next = await Promise.race([reader?.read(), late])
      if (next?.value === undefined) break
      size += next.value.length
      if (size > limitBytes) throw new Error(`more than the expected ${limitBytes} bytes`)
      chunks.push(next.value)
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
  } finally {
    clearTimeout(timer)
    cancel.abort()
  }
}
