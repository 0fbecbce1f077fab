import type { Backend } from './backend.ts'
import { openCuda } from './cuda/openCuda.ts'
import { native } from './native/native.ts'
import { reference } from './reference/index.ts'
import { committedEngine } from './wasm/committedEngine.ts'
import { wasm } from './wasm/wasm.ts'
import { openDevice, webgpu } from './webgpu/index.ts'

export interface BackendOptions {
  /** Threads of a backend that computes on the processor; as many as the process may use by default. */
  readonly threads?: number | undefined
  /** Told in a sentence why `auto` does not compute in native code, where it does not. */
  readonly onFallback?: ((reason: string) => void) | undefined
}

/** A backend that a command line can name. */
export interface BackendEntry {
  readonly name: string
  /** What it runs on, for people. */
  readonly about: string
  /** Rejects with an Error that says why, where this machine cannot run it. */
  open(options: BackendOptions): Promise<Backend>
}

const onProcessor = (instructionSet: string, about: string): BackendEntry => ({
  name: `native-${instructionSet}`,
  about,
  open: (options) => Promise.resolve().then(() => native({ ...options, instructionSet })),
})

const processors = [
  onProcessor('avx512', 'C++ for processors with AVX-512'),
  onProcessor('avx2', 'C++ for processors with AVX2 and FMA'),
  onProcessor('neon', 'C++ for 64-bit Arm'),
  onProcessor('scalar', 'C++ for any processor'),
]

const webAssembly: BackendEntry = {
  name: 'wasm',
  about: 'C++ in WebAssembly, one thread',
  open: () => wasm(committedEngine()),
}

const cuda: BackendEntry = {
  name: 'cuda',
  about: 'CUDA kernels on an NVIDIA GPU',
  open: () => Promise.resolve().then(() => openCuda()),
}

const graphics: BackendEntry = {
  name: 'webgpu',
  about: 'WGSL on the GPU that WebGPU finds, by the npm package webgpu',
  open: async () => {
    const open = await openDevice()
    try {
      const backend = await webgpu(open.device)
      const close = async (): Promise<void> => {
        await backend.close()
        open.close()
      }
      return { ...backend, close }
    } catch (error) {
      open.close()
      throw error
    }
  },
}

const definition: BackendEntry = {
  name: 'reference',
  about: 'TypeScript, the definition',
  open: () => Promise.resolve(reference),
}

export const BACKENDS: readonly BackendEntry[] = [
  ...processors,
  webAssembly,
  cuda,
  graphics,
  definition,
]

/** Names that stand for the first of several that this machine runs. */
const FIRST_OF: Readonly<Record<string, readonly BackendEntry[]>> = {
  auto: [...processors, webAssembly, definition],
  native: processors,
}

/** The names that {@link openBackendByName} knows. */
export const BACKEND_NAMES: readonly string[] = [
  ...Object.keys(FIRST_OF),
  ...BACKENDS.map(({ name }) => name),
]

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/**
 * Opens a backend; `auto` is the fastest on the processor that this machine runs. Nothing is proved yet: see
 * proveBackend. Rejects with a RangeError for an unknown name, and with an Error that says why where it cannot be opened.
 */
export async function openBackendByName(
  name: string,
  options: BackendOptions = {},
): Promise<Backend> {
  const candidates = Object.hasOwn(FIRST_OF, name)
    ? FIRST_OF[name]
    : BACKENDS.filter((entry) => entry.name === name)
  let reason: unknown = new RangeError(`there is no backend ${JSON.stringify(name)}`)
  for (const candidate of candidates) {
    try {
      const backend = await candidate.open(options)
      if (name === 'auto' && !processors.includes(candidate))
        options.onFallback?.(
          `${messageOf(reason)}; going on with ${candidate.name}, which is slower`,
        )
      return backend
    } catch (error) {
      reason = error
    }
  }
  throw reason
}
