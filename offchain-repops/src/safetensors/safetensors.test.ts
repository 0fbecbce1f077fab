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

describe('refused, with a reason', () => {
  const cases: [what: string, bytes: Uint8Array, reason: string][] = [
    ['nothing', new Uint8Array(0), 'fewer than'],
    ['a header longer than the file', hand('{}', 0).subarray(0, 9), 'the header has 2 bytes'],
    ['an absurd header length', new Uint8Array(16).fill(255), 'the header has'],
    ['no object', hand('[]', 0), 'does not begin with {'],
    ['broken JSON', hand('{"a":', 0), 'not JSON'],
    ['bytes that are no text', hand('{"\u0000', 0), 'not JSON'],
    ['an entry that is no object', hand({ a: 3 }, 0), 'not a JSON object'],
    ['another dtype', hand({ a: entry(0, 4, { dtype: 'BF16' }) }, 4), 'BF16'],
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
