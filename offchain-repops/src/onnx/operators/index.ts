import type { Lowering } from '../Call.ts'
import { activations } from './activations.ts'
import { attention } from './attention.ts'
import { contributed } from './contributed.ts'
import { convolutions } from './convolution.ts'
import { elementwise } from './elementwise.ts'
import { generated } from './generated.ts'
import { indexing } from './indexing.ts'
import { matrix } from './matrix.ts'
import { moves } from './moves.ts'
import { norms } from './norms.ts'
import { pooling } from './pooling.ts'
import { reductions } from './reductions.ts'
import { resizing } from './resize.ts'
import { views } from './views.ts'

const STANDARD: Readonly<Record<string, Lowering>> = {
  ...activations,
  ...attention,
  ...convolutions,
  ...elementwise,
  ...generated,
  ...indexing,
  ...matrix,
  ...moves,
  ...norms,
  ...pooling,
  ...reductions,
  ...resizing,
  ...views,
}

/** ONNX Runtime's own operators lie in a domain of theirs. */
const DOMAINS: Readonly<Record<string, Readonly<Record<string, Lowering>>>> = {
  '': STANDARD,
  'com.microsoft': contributed,
}

/** Names of the standard operators that can be lowered. */
export const OPERATOR_NAMES: readonly string[] = Object.keys(STANDARD).sort()

export function loweringOf(domain: string, op: string): Lowering | undefined {
  const table = Object.hasOwn(DOMAINS, domain) ? DOMAINS[domain] : {}
  return Object.hasOwn(table, op) ? table[op] : undefined
}
