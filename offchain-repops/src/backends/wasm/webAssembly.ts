/** What of the platform's WebAssembly is used. Node's types lack it, a browser's would bring all of the DOM. */
export interface WebAssembly {
  readonly compile: (bytes: Uint8Array) => Promise<WasmModule>
  readonly Instance: new (module: WasmModule) => { readonly exports: unknown }
}

/** Compiled code, without memory. */
export interface WasmModule {
  readonly __webAssemblyModule: never
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssembly }).WebAssembly
