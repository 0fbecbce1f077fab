import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decodeAbiParameters, parseAbiParameters, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { reference } from '../../src/backends/reference/index.ts'
import { operatorOf, operatorOfCode } from '../../src/ops/index.ts'
import { slotType } from '../../src/ops/define.ts'
import type { DType, Form } from '../../src/program/types.ts'
import { Tensor } from '../../src/tensor.ts'
import { philoxVectors } from './philox.ts'
import { scalarVectors, type ScalarVectors } from './scalars.ts'
import { foldVectors, segmentVectors } from './segments.ts'

const folder = fileURLToPath(new URL('../../vectors/', import.meta.url))
const read = (name: string): unknown => JSON.parse(readFileSync(folder + name, 'utf8'))
const context = { step: 0, seed: 0n }

/** The inverse of `pack`. */
function unpack(hex: string): Int32Array {
  return Int32Array.from({ length: (hex.length - 2) / 8 }, (_, i) =>
    Number.parseInt(hex.slice(2 + 8 * i, 10 + 8 * i), 16),
  )
}

describe('the committed files are what `npm run vectors` writes', () => {
  test('scalars', () => {
    const generated = scalarVectors()
    expect(readdirSync(`${folder}scalars`).sort()).toEqual(
      generated.map(({ op, type }) => `${op}.${type}.json`).sort(),
    )
    for (const vectors of generated) {
      expect(read(`scalars/${vectors.op}.${vectors.type}.json`)).toEqual(vectors)
    }
  })

  test.each([
    ['segments.json', segmentVectors],
    ['folds.json', foldVectors],
    ['philox.json', philoxVectors],
  ])('%s', (name, generate) => {
    expect(read(name)).toEqual(generate())
  })
})

describe('the reference backend computes them', () => {
  test.each(readdirSync(`${folder}scalars`))('%s', (name) => {
    const {
      op: opName,
      type,
      arity,
      count,
      inputs,
      outputs,
    } = read(`scalars/${name}`) as ScalarVectors
    const op = operatorOf(opName)
    const words = unpack(inputs)
    const operands = Array.from(
      { length: arity },
      (_, k) =>
        new Tensor(
          slotType(op.inputs[k], type),
          words.filter((_, i) => i % arity === k),
        ),
    )
    const output = Tensor.zeros(slotType(op.result, type), count)
    const form: Form = { family: 'elementwise', dims: [count], masks: operands.map(() => 1) }
    reference.run({ op: opName, type, inputs: [], form }, operands, output, context)
    expect(output.words).toEqual(unpack(outputs))
  })

  test('segments', () => {
    const { struct, abi } = segmentVectors()
    const parameters = parseAbiParameters(struct)
    for (const blob of abi) {
      const [{ code, isInt32, x, y, output }] = decodeAbiParameters(
        parameters,
        blob,
      ) as unknown as [{ code: number; isInt32: boolean; x: Hex; y: Hex; output: number }]
      const op = operatorOfCode(code)!
      const type: DType = isInt32 ? 'i32' : 'f32'
      const operands = [x, y]
        .slice(0, op.inputs.length)
        .map((hex, k) => new Tensor(slotType(op.inputs[k], type), unpack(hex)))
      const K = operands[0].count
      const forms: Record<string, Form> = {
        MatMul: { family: 'matmul', B: 1, M: 1, N: 1, K, xShared: false, yShared: false },
        ScatterAdd: { family: 'indexed', B: 1, V: 1, R: 1, Q: K },
      }
      const form = forms[op.name] ?? { family: 'reduce', R: 1, K }
      const result = Tensor.zeros(type, 1)
      reference.run({ op: op.name, type, inputs: [], form }, operands, result, context)
      expect(result.words[0] >>> 0, `${op.name} over ${K}`).toBe(output)
    }
  })
})
