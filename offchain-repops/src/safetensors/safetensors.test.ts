import { describe, expect, test } from 'vitest'
import { Tensor } from '../tensor.ts'
import { Random } from '../testing/Random.ts'
import { readSafetensors, SafetensorsError, writeSafetensors } from './safetensors.ts'

const file = writeSafetensors(
  [
    ['weight', { shape: [2, 3], tensor: Tensor.f32([1, 2, 3, 4, 5, -0]) }],
    ['ids', { shape: [2], tensor: Tensor.i32([7, -8]) }],
    ['scalar', { shape: [], tensor: new Tensor('f32', Int32Array.of(0x7fc00001)) }],
    ['empty', { shape: [0, 4], tensor: Tensor.f32([]) }],
  ],
  [['origin', 'a test']],
)

/** A file with this header and so many bytes of data. */
function hand(header: string | object, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  )
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, 8)
  return bytes
}

const entry = (begin: number, end: number, more: object = {}): object => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
  ...more,
})

test('what is written is read, bit for bit', () => {
  const { tensors, metadata } = readSafetensors(file)
  expect([...metadata]).toEqual([['origin', 'a test']])
  expect([...tensors.keys()]).toEqual(['weight', 'ids', 'scalar', 'empty'])
  expect(tensors.get('weight')?.shape).toEqual([2, 3])
  expect([...tensors.get('weight')!.tensor.words]).toEqual([
    ...Tensor.f32([1, 2, 3, 4, 5, -0]).words,
  ])
  expect(tensors.get('ids')?.tensor.type).toBe('i32')
  expect([...tensors.get('ids')!.tensor.words]).toEqual([7, -8])
  expect(tensors.get('scalar')?.tensor.words[0]).toBe(0x7fc00001)
  expect(tensors.get('empty')?.tensor.count).toBe(0)
})

test('a file of another writer is read: other order, no padding, unaligned data', () => {
  const header =
    '{"b":{"dtype":"I32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}'
  expect(header.length % 4).not.toBe(0)
  const bytes = hand(header, 8)
  bytes.set([0, 0, 128, 63, 5, 0, 0, 0], bytes.length - 8)
  const { tensors } = readSafetensors(bytes)
  expect(tensors.get('a')?.tensor.floats[0]).toBe(1)
  expect(tensors.get('b')?.tensor.words[0]).toBe(5)
})

/** A file with one tensor `a` of these elements. */
function stored(dtype: string, data: Uint8Array | Uint16Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(data.buffer)
  const header = { dtype, shape: [data.length], data_offsets: [0, bytes.length] }
  const file = hand({ a: header }, bytes.length)
  file.set(bytes, file.length - bytes.length)
  return file
}

const read = (bytes: Uint8Array): Tensor => readSafetensors(bytes).tensors.get('a')!.tensor

describe('smaller types keep their values', () => {
  test('BF16: the upper half of an f32', () => {
    const halves = Uint16Array.of(0x3f80, 0xc040, 0x0001, 0x8000, 0x7f80, 0x7fc1)
    expect([...read(stored('BF16', halves)).words]).toEqual([...halves].map((half) => half << 16))
  })

  test('F16: all finite ones, and the others', () => {
    const halves = Uint16Array.from({ length: 1 << 16 }, (_, half) => half)
    const { type, floats, words } = read(stored('F16', halves))
    expect(type).toBe('f32')
    let wrong = 0
    for (let half = 0; half < 1 << 16; half++) {
      const [sign, exponent, significand] = [half >> 15, (half >> 10) & 31, half & 1023]
      const size =
        exponent === 0 ? significand * 2 ** -24 : (1 + significand / 1024) * 2 ** (exponent - 15)
      const value = exponent < 31 ? size : significand === 0 ? Infinity : NaN
      if (!Object.is(floats[half], sign ? -value : value)) wrong++
    }
    expect(wrong).toBe(0)
    expect(words[0xfe01] >>> 0).toBe(0xffc02000)
  })

  test('integers', () => {
    expect([...read(stored('U8', Uint8Array.of(0, 200))).words]).toEqual([0, 200])
    expect([...read(stored('BOOL', Uint8Array.of(1, 0))).words]).toEqual([1, 0])
    expect([...read(stored('I8', Uint8Array.of(1, 255))).words]).toEqual([1, -1])
    expect([...read(stored('U16', Uint16Array.of(1, 65535))).words]).toEqual([1, 65535])
    expect([...read(stored('I16', Uint16Array.of(1, 65535))).words]).toEqual([1, -1])
    const longs = BigInt64Array.of(-1n, 2n ** 31n - 1n, -(2n ** 31n))
    expect([...read(stored('I64', longs)).words]).toEqual([-1, 2 ** 31 - 1, -(2 ** 31)])
  })

  test('a buffer that shares its memory is read like one that does not', () => {
    const bytes = stored('I64', BigInt64Array.of(5n, 6n))
    expect([...read(Buffer.concat([Buffer.from('xyz'), bytes]).subarray(3)).words]).toEqual([5, 6])
  })
})

describe('refused, with a reason', () => {
  const cases: [what: string, bytes: Uint8Array, reason: string][] = [
    ['nothing', new Uint8Array(0), 'fewer than'],
    ['a text', new TextEncoder().encode('{"x": [1, 2]}\n'), 'the file is text, not safetensors'],
    ['a header longer than the file', hand('{}', 0).subarray(0, 9), 'the header has 2 bytes'],
    ['an absurd header length', new Uint8Array(16).fill(255), 'the header has'],
    ['no object', hand('[]', 0), 'does not begin with {'],
    ['broken JSON', hand('{"a":', 0), 'not JSON'],
    ['bytes that are no text', hand('{"\u0000', 0), 'not JSON'],
    ['an entry that is no object', hand({ a: 3 }, 0), 'not a JSON object'],
    ['another dtype', hand({ a: entry(0, 4, { dtype: 'F64' }) }, 4), 'dtype "F64"; F32'],
    [
      'a shape of another dtype',
      hand({ a: entry(0, 4, { dtype: 'BF16' }) }, 4),
      'tensor a of shape [1] takes bytes 0 to 4',
    ],
    ['no dtype', hand({ a: { shape: [1], data_offsets: [0, 4] } }, 4), 'undefined'],
    ['a negative dim', hand({ a: entry(0, 4, { shape: [-1] }) }, 4), 'shape [-1]'],
    [
      'a shape that does not fit',
      hand({ a: entry(0, 4, { shape: [2] }) }, 4),
      'takes bytes 0 to 4',
    ],
    ['offsets backwards', hand({ a: entry(0, 4, { data_offsets: [4, 0] }) }, 4), 'bytes 4 to 0'],
    ['one offset', hand({ a: entry(0, 4, { data_offsets: [4] }) }, 4), 'offsets [4]'],
    ['missing data', hand({ a: entry(0, 8) }, 4), 'truncated'],
    ['more data', hand({ a: entry(0, 4) }, 8), 'belong to no tensor'],
    ['a gap', hand({ a: entry(0, 4), b: entry(8, 12) }, 12), 'bytes 4 to 8'],
    ['an overlap', hand({ a: entry(0, 8), b: entry(4, 12) }, 12), 'overlaps'],
    [
      'an integer of too many bits',
      stored('I64', BigInt64Array.of(0n, 2n ** 31n)),
      'tensor a has 2147483648 at element 1',
    ],
    ['metadata that is no text', hand({ __metadata__: { a: 1 } }, 0), 'no text'],
  ]
  test.each(cases)('%s', (_, bytes, reason) => {
    expect(() => readSafetensors(bytes)).toThrow(SafetensorsError)
    expect(() => readSafetensors(bytes)).toThrow(reason)
  })

  test('a file cut anywhere', () => {
    for (let length = 0; length < file.length; length++)
      expect(() => readSafetensors(file.subarray(0, length))).toThrow(SafetensorsError)
  })

  test('any damage to the header gives a file or a SafetensorsError', () => {
    const random = new Random(2)
    for (let i = 0; i < 2000; i++) {
      const copy = file.slice()
      copy[random.below(300)] = random.below(256)
      try {
        readSafetensors(copy)
      } catch (error) {
        expect(error).toBeInstanceOf(SafetensorsError)
      }
    }
  })

  test('a shape that the tensor does not have', () => {
    const wrong = { shape: [3], tensor: Tensor.f32([1]) }
    expect(() => writeSafetensors([['a', wrong]])).toThrow(SafetensorsError)
    const right = { shape: [1], tensor: Tensor.f32([1]) }
    expect(() =>
      writeSafetensors([
        ['a', right],
        ['a', right],
      ]),
    ).toThrow('two tensors')
  })
})
