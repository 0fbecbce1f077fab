import { readFile, stat } from 'node:fs/promises'
import { fail } from '../errors.ts'

/** The bytes of a file that somebody named, at most so many MiB. */
export async function readBounded(path: string, maxMib: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > maxMib * 2 ** 20) {
      throw fail.tooLarge({
        what: `${size} bytes`,
        where: path,
        advice: 'raise --max-artifact-mib if the file is meant to be this large',
      })
    }
    return new Uint8Array(await readFile(path))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined || cause instanceof TypeError)
      throw cause
    if ((cause as { exit?: number }).exit !== undefined) throw cause
    throw fail.missingArtifact(
      {
        what: `the file cannot be read: ${(cause as Error).message}`,
        where: path,
        advice: 'check the path',
      },
      { cause },
    )
  }
}
