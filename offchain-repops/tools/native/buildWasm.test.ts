import { expect, test } from 'vitest'
import { WASM_ORIGIN } from '../../src/backends/wasm/origin.ts'
import { moduleSourcesDigest } from './buildWasm.ts'

// That compiling them gives its bytes is checked where there is the compiler: npm test -- --with wasm.
test('wasm/engine.wasm was made from the present sources', () => {
  expect(WASM_ORIGIN.sources, 'run npm run build:wasm in offchain-repops').toBe(
    moduleSourcesDigest(),
  )
})
