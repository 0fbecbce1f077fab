/**
 * What wasm/engine.wasm was made from: npm run build:wasm writes this. `sources` is a sha256 of the flags, and of the
 * names and contents of sources and headers, which the module says too.
 */
export const WASM_ORIGIN = {
  sources: '8fad334a152a1b03145767a0264365a9fb58cd06af55bd95a6bbb80923b943a6',
  compiler: 'Debian clang version 16.0.6 (15~deb12u1)',
}
