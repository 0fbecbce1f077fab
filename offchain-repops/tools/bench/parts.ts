import type { Part } from './part.ts'

interface Entry {
  readonly about: string
  /** What is measured instead with --quick. */
  readonly quick: string
  readonly load: () => Promise<{ readonly part: Part }>
}

/** What a part measures, for people. */
export const aboutPart = ({ about, quick }: Entry, isQuick: boolean): string =>
  isQuick ? `${about} (--quick: ${quick})` : about

/** All parts, in the order in which they run. */
export const PARTS: ReadonlyMap<string, Entry> = new Map([
  [
    'matmul',
    {
      about: 'Matrix products against OpenBLAS, ONNX Runtime and the memory bandwidth',
      quick: 'some of the shapes, briefly',
      load: () => import('./parts/matmul.ts'),
    },
  ],
  [
    'data',
    {
      about: 'Hashing and the kernels that move data, on every instruction set',
      quick: 'briefly',
      load: () => import('./parts/data.ts'),
    },
  ],
  [
    'forward',
    {
      about: 'Forward pass of GPT-2 small against ONNX Runtime',
      quick: 'a model of two layers of 64 channels instead',
      load: () => import('./parts/forward.ts'),
    },
  ],
  [
    'training',
    {
      about: 'Training step of GPT-2 small: speed, memory, commitments',
      quick: 'a model of two layers of 64 channels instead',
      load: () => import('./parts/training.ts'),
    },
  ],
  [
    'decoding',
    {
      about: 'Decoding with GPT-2 small against the memory bandwidth',
      quick: 'a model of two layers of 64 channels instead, 16 places',
      load: () => import('./parts/decoding.ts'),
    },
  ],
  [
    'roots',
    {
      about: 'State roots of the same job on every backend and instruction set',
      quick: 'two steps of it',
      load: () => import('./parts/roots.ts'),
    },
  ],
  [
    'reference',
    {
      about: 'Kernels of the reference backend, which defines all others',
      quick: 'briefly',
      load: () => import('./parts/reference.ts'),
    },
  ],
])
