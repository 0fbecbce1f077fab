/**
 * What wasm/engine.wasm was made from: npm run build:wasm writes this. `sources` is a sha256 of the flags, and of the
 * names and contents of sources and headers, which the module says too.
 */
export const WASM_ORIGIN = {
  sources: '47b6b21a4da299dc42ed01cb5956e32a63c6c445dca3d90997ea6e58d4900c84',
  compiler: 'Debian clang version 16.0.6 (15~deb12u1)',
}
