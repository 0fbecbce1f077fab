/**
 * What wasm/engine.wasm was made from: npm run build:wasm writes this. `sources` is a sha256 of the flags, and of the
 * names and contents of sources and headers, which the module says too.
 */
export const WASM_ORIGIN = {
  sources: 'f92ca4b44fc43a8f01b3ffda969930b315402f05b49f4eb6b2d73e9d4fa77aeb',
  compiler: 'Debian clang version 16.0.6 (15~deb12u1)',
}
