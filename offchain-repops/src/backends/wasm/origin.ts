/**
 * What wasm/engine.wasm was made from: npm run build:wasm writes this. `sources` is a sha256 of the flags, and of the
 * names and contents of sources and headers, which the module says too.
 */
export const WASM_ORIGIN = {
  sources: 'c459ffb18e43da8138a5abd8b398b45b4189f552106f333a9d7401ad3c7e72d3',
  compiler: 'Debian clang version 16.0.6 (15~deb12u1)',
}
