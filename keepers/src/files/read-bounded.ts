import { readFile, stat } from 'node:fs/promises'
import { fail } from '../errors.ts'

/** The bytes of a file that somebody named, at most so many MiB. */
export async function readBounded(path: string, maxMib: number): Promise<Uint8Array> {
  const read = await readUpTo(path, maxMib * 2 ** 20).catch((cause: unknown) => {
    throw fail.missingArtifact(
      {
        what: `the file cannot be read: ${(cause as Error).message}`,
        where: path,
        advice: 'check the path',
      },
      { cause },
    )
  })
  if (typeof read !== 'number') return read
  throw fail.tooLarge({
    what: `${read} bytes`,
    where: path,
    advice: 'raise --max-artifact-mib if the file is meant to be this large',
  })
}

/** The bytes of a file, or how many it has where they are more than `most`. */
export async function readUpTo(path: string, most: number): Promise<Uint8Array | number> {
  const { size } = await stat(path)
  return size > most ? size : new Uint8Array(await readFile(path))
}
