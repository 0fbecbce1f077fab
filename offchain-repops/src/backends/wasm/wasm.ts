import type { Backend } from '../backend.ts'
import { engineBackend } from '../engine/engineBackend.ts'
import { wasmHost } from './wasmHost.ts'
import { webAssembly } from './webAssembly.ts'

const ADDRESSABLE_BYTES = 2 ** 32

/**
 * The C++ engine as WebAssembly, for browsers and machines without a compiler: the same bits on one thread, in at
 * most 4 GiB. It computes in the caller's thread; a page that must stay responsive runs it in a worker.
 * `bytes` is wasm/engine.wasm: fetched in a browser, `committedEngine` in Node.
 */
export async function wasm(bytes: Uint8Array): Promise<Backend> {
  const backend = engineBackend('wasm', wasmHost(await webAssembly.compile(bytes)))
  return {
    ...backend,
    needs: (plan) => {
      const needs = backend.needs(plan)
      const all = needs.reduce((sum, { bytes }) => sum + bytes, 0)
      return [...needs, { what: 'WebAssembly', bytes: all, roomBytes: ADDRESSABLE_BYTES }]
    },
  }
}
