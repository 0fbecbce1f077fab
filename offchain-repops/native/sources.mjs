// What the addon is compiled from, as one number that binding.gyp compiles into it: src/backends/native loads no addon
// but that of the sources beside it. Plain Node without packages, because compiling runs it.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDERS = ['binding', 'engine', 'kernels']

/**
 * sha256 of binding.gyp and of the names and contents of the sources and headers that it compiles, in the order of
 * paths; hexadecimal.
 */
export function addonSourcesDigest() {
  const hash = createHash('sha256').update(readFileSync(new URL('../binding.gyp', import.meta.url)))
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(new URL(folder, import.meta.url))
      .filter((name) => /\.(cc|h)$/.test(name))
      .map((name) => `${folder}/${name}`),
  )
  for (const path of paths.sort())
    hash.update(`\n${path}\n`).update(readFileSync(new URL(path, import.meta.url)))
  return hash.digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(addonSourcesDigest())
