import { asLink } from '../format/hex.ts'

const PATIENCE_MS = 10_000

/** The bytes at an address that is not trusted: http or https, without anything of this user, and no more than `most`. */
export async function download(
  url: string,
  most: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (asLink(url) === undefined) throw new Error('not an http address')
  const response = await fetch(url, {
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  })
  if (!response.ok || response.body === null) throw new Error(`it answers ${response.status}`)
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  const reader = response.body.getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    size += piece.value.length
    if (size > most) {
      await reader.cancel()
      throw new Error(`it is larger than ${most} bytes`)
    }
    chunks.push(piece.value)
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}
