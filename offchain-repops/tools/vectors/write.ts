import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../vectors/', import.meta.url))

/** Writes a file under offchain-repops/vectors/, one line per case so that changes can be read. */
export function writeVectors(name: string, value: object): void {
  mkdirSync(dirname(folder + name), { recursive: true })
  writeFileSync(folder + name, vectorText(value))
}

export const vectorText = (value: object): string => `${lines(value, 0)}\n`

/** A file under offchain-repops/vectors/, as it is. */
export const readVectorText = (name: string): string => readFileSync(folder + name, 'utf8')

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v))

/** Lists are broken into one line per item, objects down to two levels into one line per field. */
function lines(value: unknown, level: number): string {
  if (Array.isArray(value)) return `[\n${value.map(plain).join(',\n')}\n]`
  if (typeof value !== 'object' || value === null || level > 1) return plain(value)
  const fields = Object.entries(value).map(([k, v]) => `${plain(k)}: ${lines(v, level + 1)}`)
  return `{\n${fields.join(',\n')}\n}`
}
