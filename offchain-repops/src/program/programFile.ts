import { toHex } from '../commit/hash.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { MAX_CONSTANTS, MAX_NODES, MAX_STATES } from './limits.ts'
import type { EncodedProgram } from './program.ts'
import { ProgramError, type Rule } from './ProgramError.ts'

/** The container in which a whole program is stored and passed on: docs/spec/repops.md, section 4.4. */
const MAGIC = 'RepOps'
const VERSION = 1

/** Bytes of a name, in UTF-8; names are printable. */
const MAX_NAME_BYTES = 64

export function writeProgramFile(program: EncodedProgram): Uint8Array {
  const header = new ByteWriter()
  for (const char of MAGIC) header.u8(char.charCodeAt(0))
  header.u16(VERSION)
  header.u32(program.nodes.length).u32(program.states.length).u32(program.constants.length)
  const parts = [header.finish()]
  for (const entry of [...program.nodes, ...program.states, ...program.constants])
    parts.push(new ByteWriter().u16(entry.length).finish(), entry)
  for (const name of [...program.names.states, ...program.names.constants]) {
    const bytes = new TextEncoder().encode(name)
    if (!isName(name, bytes))
      throw new ProgramError('name', { entry: 'program' }, `${JSON.stringify(name)} is no name`)
    parts.push(Uint8Array.of(bytes.length), bytes)
  }
  const file = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    file.set(part, at)
    at += part.length
  }
  return file
}

/**
 * Reads the container and nothing more: the entries may still be malformed, `decodeProgram` says so.
 * Throws a ProgramError for bytes that are not such a container, whatever they are.
 */
export function readProgramFile(bytes: Uint8Array): EncodedProgram {
  const fail = (rule: Rule, what: string): never => {
    throw new ProgramError(rule, { entry: 'program' }, what)
  }
  const reader = new ByteReader(bytes, (what) => fail('container', `the file ${what}`))
  for (const char of MAGIC)
    if (reader.u8() !== char.charCodeAt(0))
      fail('container', `the file does not begin with ${MAGIC}`)
  const version = reader.u16()
  if (version !== VERSION) fail('container', `the file has version ${version}, ${VERSION} is known`)
  const [nodes, states, constants] = [reader.u32(), reader.u32(), reader.u32()]
  if (
    nodes < 1 ||
    nodes > MAX_NODES ||
    states < 1 ||
    states > MAX_STATES ||
    constants > MAX_CONSTANTS
  )
    fail('limits', `the file announces ${nodes} nodes, ${states} states, ${constants} constants`)
  const entries = (count: number): Uint8Array[] => {
    const list: Uint8Array[] = []
    while (list.length < count) list.push(reader.bytes(reader.u16()))
    return list
  }
  const names = (count: number): string[] => {
    const list: string[] = []
    while (list.length < count) {
      const raw = reader.bytes(reader.u8())
      const name = new TextDecoder().decode(raw)
      if (!isName(name, raw)) fail('name', `${JSON.stringify(name)} is no name`)
      list.push(name)
    }
    return list
  }
  const program = {
    nodes: entries(nodes),
    states: entries(states),
    constants: entries(constants),
    names: { states: names(states), constants: names(constants) },
  }
  if (reader.left > 0) fail('container', `${reader.left} bytes follow the program`)
  return program
}

/** Printable, short, and exactly the given UTF-8. */
function isName(name: string, bytes: Uint8Array): boolean {
  return (
    bytes.length <= MAX_NAME_BYTES &&
    !/[\p{C}\p{Z}]/u.test(name.replaceAll(' ', '')) &&
    toHex(new TextEncoder().encode(name)) === toHex(bytes)
  )
}
