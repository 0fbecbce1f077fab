import { fail } from '../errors.ts'
import { download } from '../files/download.ts'
import { readUpTo } from '../files/read-bounded.ts'
import { MOST_RECEIPT_BYTES, readReceipt, type Receipt } from './receipt.ts'

/** Reads a receipt from a file or an http(s) URL. */
export async function loadReceipt(place: string): Promise<Receipt> {
  const bytes = /^https?:\/\//.test(place) ? await fetchReceipt(place) : await readFile(place)
  return readReceipt(new TextDecoder().decode(bytes), place)
}

async function fetchReceipt(url: string): Promise<Uint8Array> {
  const bytes = await download(url, MOST_RECEIPT_BYTES)
  if (bytes !== undefined) return bytes
  throw fail.missingArtifact({
    what: 'there is no such receipt',
    where: url,
    advice: 'a solver serves those of its claims as <url>/receipts/<job>-<attempt>.json',
  })
}

async function readFile(path: string): Promise<Uint8Array> {
  const read = await readUpTo(path, MOST_RECEIPT_BYTES).catch((cause: unknown) => {
    throw fail.missingArtifact(
      {
        what: `the receipt cannot be read: ${(cause as Error).message}`,
        where: path,
        advice: 'name the file or the URL of a receipt, or the number of a job',
      },
      { cause },
    )
  })
  if (typeof read !== 'number') return read
  throw fail.badReceipt({
    what: `it is no receipt: ${read} bytes, a receipt has at most ${MOST_RECEIPT_BYTES}`,
    where: path,
    advice: 'name the file of a receipt, or the number of a job',
  })
}
