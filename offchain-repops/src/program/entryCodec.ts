import { ByteReader, ByteWriter } from './bytes.ts'
import { COUNT_LIMIT } from './limits.ts'
import { DTYPES } from './nodeCodec.ts'
import { ProgramError, type Rule, type Where } from './ProgramError.ts'
import type { ConstantEntry, StateEntry } from './types.ts'
import type { TensorType } from './wants.ts'

/** State and constant entries: docs/spec/repops.md, section 4.2. */
export const STATE_BYTES = 11
export const CONSTANT_BYTES = 6

const UNCHANGED = 1

export function encodeState(state: StateEntry, index: number, nodes: number): Uint8Array {
  const fail = failAt({ entry: 'state', index })
  if (state.next !== undefined && state.next >= nodes)
    fail('ref', `it names node ${state.next} of ${nodes}`)
  return writeTensor(state, fail)
    .u8(state.next === undefined ? UNCHANGED : 0)
    .u32(state.next ?? 0)
    .finish()
}

export function encodeConstant(constant: ConstantEntry, index: number): Uint8Array {
  return writeTensor(constant, failAt({ entry: 'constant', index })).finish()
}

/** Reads a state entry; throws a ProgramError where it breaks a rule. */
export function decodeState(
  bytes: Uint8Array,
  index: number,
  nodes: number,
  name = `state${index}`,
): StateEntry {
  const fail = failAt({ entry: 'state', index })
  const reader = exactly(bytes, STATE_BYTES, fail)
  const tensor = readTensor(reader, fail)
  const source = reader.u8()
  const ref = reader.u32()
  if (source > UNCHANGED) fail('source', `unknown source ${source}`)
  if (source === UNCHANGED && ref !== 0) fail('ref', `it is unchanged but names node ${ref}`)
  if (source !== UNCHANGED && ref >= nodes) fail('ref', `it names node ${ref} of ${nodes}`)
  return { name, ...tensor, next: source === UNCHANGED ? undefined : ref }
}

/** Reads a constant entry; throws a ProgramError where it breaks a rule. */
export function decodeConstant(
  bytes: Uint8Array,
  index: number,
  name = `constant${index}`,
): ConstantEntry {
  const fail = failAt({ entry: 'constant', index })
  return { name, ...readTensor(exactly(bytes, CONSTANT_BYTES, fail), fail) }
}

type Fail = (rule: Rule, what: string) => never

function failAt(where: Where): Fail {
  return (rule, what) => {
    throw new ProgramError(rule, where, what)
  }
}

function exactly(bytes: Uint8Array, length: number, fail: Fail): ByteReader {
  if (bytes.length !== length) fail('length', `it has ${bytes.length} bytes instead of ${length}`)
  return new ByteReader(bytes, (what) => fail('length', what))
}

function readTensor(reader: ByteReader, fail: Fail): TensorType {
  const code = reader.u8()
  const count = reader.u40()
  const type = DTYPES[code] ?? fail('type', `there is no type ${code}`)
  if (count === 0) fail('dim', 'it has no elements, at least 1 is needed')
  return { type, count }
}

function writeTensor({ type, count }: TensorType, fail: Fail): ByteWriter {
  if (!(count >= 1)) fail('dim', 'it has no elements, at least 1 is needed')
  if (!(count < COUNT_LIMIT))
    fail('count', `it has ${count} elements, at most 2^40 - 1 are allowed`)
  return new ByteWriter().u8(DTYPES.indexOf(type)).u40(count)
}
