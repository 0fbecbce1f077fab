/**
 * What wasm/engine.wasm was made from: npm run build:wasm writes this. `sources` is a sha256 of the flags, and of the
 * names and contents of sources and headers, which the module says too.
 */
export const WASM_ORIGIN = {
  sources: '099e66887f281bbdd75ed1769b560887d93da56edfbf44a6f146517b0088fe50',
  compiler: 'Debian clang version 16.0.6 (15~deb12u1)',
}
