import { readFileSync } from 'node:fs'

/** The bytes of wasm/engine.wasm, which ships with the package. */
export function committedEngine(): Uint8Array {
  return readFileSync(new URL('../../../wasm/engine.wasm', import.meta.url))
}
