import type { Part } from './part.ts'

interface Entry {
  readonly about: string
  readonly load: () => Promise<{ readonly part: Part }>
}

/** All parts, in the order in which they run. */
export const PARTS: ReadonlyMap<string, Entry> = new Map([
  [
    'matmul',
    {
      about: 'Matrix products against OpenBLAS, ONNX Runtime and the memory bandwidth',
      load: () => import('./parts/matmul.ts'),
    },
  ],
  [
    'data',
    {
      about: 'Hashing and the kernels that move data, on every instruction set',
      load: () => import('./parts/data.ts'),
    },
  ],
  [
    'forward',
    {
      about: 'Forward pass of GPT-2 small against ONNX Runtime',
      load: () => import('./parts/forward.ts'),
    },
  ],
  [
    'training',
    {
      about: 'Training step of GPT-2 small: speed, memory, commitments',
      load: () => import('./parts/training.ts'),
    },
  ],
  [
    'decoding',
    {
      about: 'Decoding with GPT-2 small against the memory bandwidth',
      load: () => import('./parts/decoding.ts'),
    },
  ],
  [
    'roots',
    {
      about: 'State roots of the same job on every backend and instruction set',
      load: () => import('./parts/roots.ts'),
    },
  ],
  [
    'reference',
    {
      about: 'Kernels of the reference backend, which defines all others',
      load: () => import('./parts/reference.ts'),
    },
  ],
])
