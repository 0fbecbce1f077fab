import { expect, test } from 'vitest'
import { known, modelOf, runModel } from '../testing/onnxCase.ts'
import { KnownTensor } from './KnownTensor.ts'
import { OnnxError } from './OnnxError.ts'

const LARGE = 2 ** 53
const END = 2 ** 63

/** What a call of known numbers is folded to. */
async function folded(op: string, inputs: readonly KnownTensor[]): Promise<number[]> {
  const [{ type }] = inputs
  const model = modelOf({ op, inputs: inputs.map(known), outputs: [type] })
  const { outputs } = await runModel(model, new Map())
  return [...outputs.get('o0')!.data]
}

const int64 = (...values: number[]): KnownTensor => KnownTensor.ints(values)
const int32 = (...values: number[]): KnownTensor =>
  new KnownTensor('int32', [values.length], Float64Array.from(values))

test.each([
  ['Add', [int64(7, -7), int64(5, 5)], [12, -2]],
  ['Sub', [int64(7, -7), int64(9, 9)], [-2, -16]],
  ['Mul', [int64(2 ** 20, -3), int64(2 ** 10, 5)], [2 ** 30, -15]],
  ['Div', [int64(7, -7, 7, -7), int64(2, 2, -2, -2)], [3, -3, -3, 3]],
  ['Mod', [int64(7, -7, 7, -7), int64(3, 3, -3, -3)], [1, 2, -2, -1]],
  ['Pow', [int64(-1, -1, 2, 0, 1, -1, 3), int64(65, 100, 30, 0, -3, -3, 5)], [-1, 1, 2 ** 30, 1, 1, -1, 243]],
  ['Min', [int64(END, 3), int64(5, END)], [5, 3]],
  ['Add', [int64(END), int64(-5)], [2 ** 31 - 1]],
  // Types of 32 bits wrap as they do at run time.
  ['Add', [int32(2 ** 31 - 1), int32(1)], [-(2 ** 31)]],
  ['Mul', [int32(123456789), int32(987654321)], [Math.imul(123456789, 987654321)]],
  ['Neg', [int32(-(2 ** 31))], [-(2 ** 31)]],
  ['Pow', [int32(3, -7), int32(41, 77)], [Number(BigInt.asIntN(32, 3n ** 41n)), Number(BigInt.asIntN(32, (-7n) ** 77n))]],
])('%s of %o is %o', async (op, inputs, expected) => {
  expect(await folded(op, inputs)).toEqual(expected)
}) // prettier-ignore

// The sum and the product would come out even: both operands and results have to be exact.
test.each([
  ['Sub', int64(LARGE + 2), int64(LARGE)],
  ['Add', int64(LARGE - 1), int64(1)],
  ['Mul', int64(2 ** 40), int64(2 ** 40)],
  ['Div', int64(2 ** 60), int64(2 ** 59)],
  ['Mod', int64(2 ** 60), int64(7)],
  ['Pow', int64(3), int64(40)],
])('%s beyond 2^53 is refused', async (op, ...inputs) => {
  const refusal = folded(op, inputs)
  await expect(refusal).rejects.toThrow(OnnxError)
  await expect(refusal).rejects.toThrow(/beyond 2\^53/)
})

test('what has no whole number is malformed', async () => {
  await expect(folded('Div', [int64(1), int64(0)])).rejects.toThrow('division by 0')
  await expect(folded('Mod', [int64(1), int64(0)])).rejects.toThrow('division by 0')
  await expect(folded('Pow', [int64(2), int64(-1)])).rejects.toThrow(
    '2 to the power of -1 is no whole number',
  )
})

test('sums and products of known numbers are exact, or refused', async () => {
  const all = (op: string, tensor: KnownTensor): Promise<number[]> => folded(op, [tensor])
  expect(await all('ReduceSum', int64(2 ** 30, -3, 5))).toEqual([2 ** 30 + 2])
  expect(await all('ReduceProd', int64(2 ** 15, 3, 5))).toEqual([15 * 2 ** 15])
  await expect(all('ReduceSum', int64(LARGE - 1, 1, -LARGE + 1))).rejects.toThrow('beyond 2^53')
  await expect(all('ReduceProd', int64(2 ** 30, 2 ** 30, 0))).rejects.toThrow('beyond 2^53')
})

test('floats become int32 as programs make them so, and ranges are sums of them', async () => {
  const floats = KnownTensor.floats([3e9, -3e9, NaN, Infinity, -1.5, 2.5])
  const cast = modelOf({
    ...{ op: 'Cast', inputs: [known(floats)], attributes: { to: 6 }, outputs: ['int32'] },
  })
  const atRunTime = modelOf({
    ...{ op: 'Cast', inputs: [floats], attributes: { to: 6 }, outputs: ['int32'] },
  })
  const read = async (model: typeof cast, inputs: Map<string, KnownTensor>): Promise<number[]> => {
    const { outputs } = await runModel(model, inputs)
    return [...outputs.get('o0')!.data]
  }
  const plain = await read(atRunTime, new Map([['i0', floats]]))
  expect(plain).toEqual([2 ** 31 - 1, -(2 ** 31), 0, 2 ** 31 - 1, -1, 2])
  expect(await read(cast, new Map())).toEqual(plain)

  const [start, limit, delta] = [0.1, 1000, 0.1].map((x) => KnownTensor.floats([x], []))
  const range = modelOf({ op: 'Range', inputs: [start, limit, delta].map(known) })
  const values = await read(range, new Map())
  const step = Math.fround(0.1)
  expect(values).toEqual(values.map((_, i) => Math.fround(step + Math.fround(i * step))))
  expect(values.some((x, i) => x !== Math.fround(step + i * step))).toBe(true)
})
