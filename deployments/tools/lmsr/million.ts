// `npm run test:lmsr [-- TRADES [SEED]]`: a million random and adversarial trades, each against the exact cost.
import { primitiveErrors } from '../../src/protocol/lmsr/testing/primitives.ts'
import { walkUntil } from '../../src/protocol/lmsr/testing/walk.ts'

const [trades = 1_000_000, seed = 1] = process.argv.slice(2).map(Number)
console.log(
  'expWad (relative, last digit aside) and lnWad, in 1e-18:',
  primitiveErrors(100_000, seed),
)
console.log('trades, errors in units of b · 1e-18:', walkUntil(trades, seed))
console.log(
  'No price was on the wrong side of the exact one or 7 units off, no cycle paid, every pot sufficed.',
)
