import { PHILOX_FUNCTION } from '../kernels/generate.ts'
import { WIDE_FUNCTIONS } from '../kernels/move.ts'
import {
  floatFunction,
  HARDWARE,
  INTEGER_ARITHMETIC,
  OPERATIONS,
  type Hardware,
  type Operation,
} from './arithmetic.ts'
import { EXACT_FUNCTIONS } from './exact.ts'
import { libraryOf, type Library } from './library.ts'
import { looped, transcendentalFunctions, writtenOut } from './transcendentals.ts'

/** The functions that kernels call; the operations in `floats` by the device's floats, the others in integers. */
export function repopsLibrary(
  floats: ReadonlySet<Operation>,
  hardware: Hardware = HARDWARE,
): Library {
  const replaced = OPERATIONS.filter((operation) => floats.has(operation))
  return libraryOf(
    INTEGER_ARITHMETIC,
    EXACT_FUNCTIONS,
    transcendentalFunctions(floats.has('fma') ? writtenOut : looped),
    PHILOX_FUNCTION,
    WIDE_FUNCTIONS,
    ...replaced.flatMap((operation) => [hardware[operation], floatFunction(operation)]),
  )
}
