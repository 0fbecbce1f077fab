import type { Backend } from '../backend.ts'
import { engineBackend } from '../engine/engineBackend.ts'
import { WASM_ORIGIN } from './origin.ts'
import { wasmHost } from './wasmHost.ts'
import { webAssembly } from './webAssembly.ts'

const ADDRESSABLE_BYTES = 2 ** 32

/**
 * The C++ engine as WebAssembly, for browsers and machines without a compiler: the same bits on one thread, in at
 * most 4 GiB. It computes in the caller's thread; a page that must stay responsive runs it in a worker.
 * `bytes` is wasm/engine.wasm: fetched in a browser, `committedEngine` in Node; rejects with an Error if it is that of
 * another version.
 */
export async function wasm(bytes: Uint8Array): Promise<Backend> {
  const host = wasmHost(await webAssembly.compile(bytes))
  if (host.sources !== WASM_ORIGIN.sources)
    throw new Error(
      `engine.wasm was compiled from other sources (${host.sources.slice(0, 8)}) than the code that loads it expects ` +
        `(${WASM_ORIGIN.sources.slice(0, 8)}): take both from the same version of the package`,
    )
  const backend = engineBackend('wasm', host)
  return {
    ...backend,
    needs: (plan) => {
      const needs = backend.needs(plan)
      const all = needs.reduce((sum, { bytes }) => sum + bytes, 0)
      return [...needs, { what: 'WebAssembly', bytes: all, roomBytes: ADDRESSABLE_BYTES }]
    },
    close: () => {
      host.forget()
      return Promise.resolve()
    },
  }
}
