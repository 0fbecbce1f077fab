/**
 * Assembles a WebAssembly module that hashes many messages of one length with keccak-256: 64-bit lanes in local
 * variables, which JavaScript numbers cannot give. Exports `memory` and `hash(input, length, count, output)`,
 * addresses and lengths in bytes.
 *
 * The sponge: Bertoni, Daemen, Peeters, Van Assche, The Keccak reference (2011), with the original padding
 * (0x01 … 0x80), rate 136 and 24 rounds.
 */
export function keccakModule(pages: number): Uint8Array {
  const body = [...locals(), ...hashBody(), END]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, ...vector([[I32], [I32], [I32], [I32]]), 0x00]])),
    ...section(3, vector([[0x00]])),
    ...section(5, vector([[0x00, ...unsigned(pages)]])),
    ...section(7, vector([exported('hash', 0x00), exported('memory', 0x02)])),
    ...section(10, vector([[...unsigned(body.length), ...body]])),
    ...section(11, vector([[0x00, ...i32Const(CONSTANTS), END, ...vector(roundConstants())]])),
  ])
}

/** First address that callers may use: below lie the round constants and the last block. */
export const SCRATCH_BYTES = 512

const RATE = 136
const CONSTANTS = 0
const LAST_BLOCK = 256

const I32 = 0x7f
const I64 = 0x7e
const END = 0x0b
const VOID = 0x40

// Parameters and local variables. Lane (x, y) of the state is A + x + 5y.
const [INPUT, LENGTH, COUNT, OUTPUT, LEFT, BLOCK, ROUND] = [0, 1, 2, 3, 4, 5, 6]
const A = 7
const B = A + 25
const C = B + 25
const D = C + 5

const locals = (): number[] =>
  vector([
    [3, I32],
    [25 + 25 + 5 + 1, I64],
  ])

type Code = readonly number[]

const get = (local: number): number[] => [0x20, ...unsigned(local)]
const set = (local: number): number[] => [0x21, ...unsigned(local)]
const i32Const = (value: number): number[] => [0x41, ...signed(BigInt(value))]
const i64Const = (value: bigint): number[] => [0x42, ...signed(value)]
const i64Load = (offset: number): number[] => [0x29, 0x03, ...unsigned(offset)]
const i64Store = (offset: number): number[] => [0x37, 0x03, ...unsigned(offset)]
const ADD = [0x6a]
const SUB = [0x6b]
const LESS_UNSIGNED = [0x49]
const XOR = [0x85]
const AND = [0x83]
const ROTATE = [0x89]
const SHIFT_LEFT_3 = [...i32Const(3), 0x74]
const loop = (code: Code): number[] => [0x03, VOID, ...code, END]
const ifElse = (yes: Code, no: Code): number[] => [0x04, VOID, ...yes, 0x05, ...no, END]
const repeatIf = (depth = 0): number[] => [0x0d, depth]

/** local ← local ∘ value. */
const update = (local: number, value: Code, operation: Code): number[] => [
  ...get(local),
  ...value,
  ...operation,
  ...set(local),
]

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** For every message: a zero state, the blocks, four lanes of digest. */
function hashBody(): number[] {
  const message = [
    ...range(25).flatMap((i) => [...i64Const(0n), ...set(A + i)]),
    ...get(LENGTH),
    ...set(LEFT),
    ...blocks(),
    ...range(4).flatMap((i) => [...get(OUTPUT), ...get(A + i), ...i64Store(8 * i)]),
    ...update(OUTPUT, i32Const(32), ADD),
    ...update(COUNT, i32Const(1), SUB),
  ]
  return loop([...message, ...get(COUNT), ...repeatIf()])
}

/** Absorbs whole blocks, then the padded rest; LEFT is −1 once that is done. */
function blocks(): number[] {
  const last = [
    ...[...i32Const(LAST_BLOCK), ...i32Const(0), ...i32Const(RATE), 0xfc, 0x0b, 0x00],
    ...[...i32Const(LAST_BLOCK), ...get(INPUT), ...get(LEFT), 0xfc, 0x0a, 0x00, 0x00],
    ...[...i32Const(LAST_BLOCK), ...get(LEFT), ...ADD, ...i32Const(1), ...store8(0)],
    ...[...i32Const(LAST_BLOCK + RATE - 1), ...i32Const(LAST_BLOCK + RATE - 1), ...load8()],
    ...[...i32Const(0x80), 0x73, ...store8(0)],
    ...update(INPUT, get(LEFT), ADD),
    ...[...i32Const(LAST_BLOCK), ...set(BLOCK), ...i32Const(-1), ...set(LEFT)],
  ]
  const whole = [
    ...[...get(INPUT), ...set(BLOCK)],
    ...update(INPUT, i32Const(RATE), ADD),
    ...update(LEFT, i32Const(RATE), SUB),
  ]
  const absorb = range(RATE / 8).flatMap((i) =>
    update(A + i, [...get(BLOCK), ...i64Load(8 * i)], XOR),
  )
  return loop([
    ...[...get(LEFT), ...i32Const(RATE), ...LESS_UNSIGNED],
    ...ifElse(last, whole),
    ...absorb,
    ...permutation(),
    ...[...get(LEFT), ...i32Const(-1), 0x47, ...repeatIf()],
  ])
}

const store8 = (offset: number): number[] => [0x3a, 0x00, offset]
const load8 = (): number[] => [0x2d, 0x00, 0x00]

function permutation(): number[] {
  const theta = [
    ...range(5).flatMap((x) => [
      ...get(A + x),
      ...[5, 10, 15, 20].flatMap((y) => [...get(A + x + y), ...XOR]),
      ...set(C + x),
    ]),
    ...range(5).flatMap((x) => [
      ...[...get(C + ((x + 1) % 5)), ...i64Const(1n), ...ROTATE],
      ...[...get(C + ((x + 4) % 5)), ...XOR, ...set(D)],
      ...[0, 5, 10, 15, 20].flatMap((y) => update(A + x + y, get(D), XOR)),
    ]),
  ]
  const rhoAndPi = range(25).flatMap((i) => {
    const [x, y] = [i % 5, Math.floor(i / 5)]
    const to = B + y + 5 * ((2 * x + 3 * y) % 5)
    return [...get(A + i), ...i64Const(BigInt(rotations()[i])), ...ROTATE, ...set(to)]
  })
  const chi = range(25).flatMap((i) => {
    const row = i - (i % 5)
    const [next, after] = [B + row + ((i + 1) % 5), B + row + ((i + 2) % 5)]
    const inverted = [...get(next), ...i64Const(-1n), ...XOR]
    return [...get(B + i), ...inverted, ...get(after), ...AND, ...XOR, ...set(A + i)]
  })
  const iota = update(A, [...get(ROUND), ...SHIFT_LEFT_3, ...i64Load(CONSTANTS)], XOR)
  return [
    ...[...i32Const(0), ...set(ROUND)],
    ...loop([
      ...theta,
      ...rhoAndPi,
      ...chi,
      ...iota,
      ...update(ROUND, i32Const(1), ADD),
      ...[...get(ROUND), ...i32Const(24), ...LESS_UNSIGNED, ...repeatIf()],
    ]),
  ]
}

/** By how much ρ rotates lane x + 5y: triangular numbers along a walk through the lanes. */
function rotations(): number[] {
  const result = range(25).map(() => 0)
  let [x, y] = [1, 0]
  for (let t = 0; t < 24; t++) {
    result[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
  }
  return result
}

/** The constants of ι, little-endian: bits from the register x⁸ + x⁶ + x⁵ + x⁴ + 1. */
function roundConstants(): number[][] {
  const bytes: number[][] = []
  let register = 1
  for (let round = 0; round < 24; round++) {
    const constant = range(8).map(() => 0)
    for (let j = 0; j < 7; j++) {
      const bit = 2 ** j - 1
      if (register & 1) constant[bit >> 3] |= 1 << (bit & 7)
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0)
    }
    bytes.push(...constant.map((byte) => [byte]))
  }
  return bytes
}

const section = (id: number, content: Code): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
]
const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()]
const exported = (name: string, kind: number): number[] => [
  ...unsigned(name.length),
  ...new TextEncoder().encode(name),
  ...[kind, 0],
]

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]
}

function signed(value: bigint): number[] {
  const low = Number(value & 127n)
  const rest = value >> 7n
  const done = (rest === 0n && low < 64) || (rest === -1n && low >= 64)
  return done ? [low] : [low | 128, ...signed(rest)]
}
