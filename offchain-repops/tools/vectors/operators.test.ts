import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decodeAbiParameters, parseAbiParameters, type Hex } from 'viem'
import { describe, expect, test } from 'vitest'
import { hexWords } from '../../src/backends/conformance.ts'
import { computeNode } from '../../src/backends/reference/computeNode.ts'
import { operatorOfCode } from '../../src/ops/index.ts'
import { slotType } from '../../src/ops/define.ts'
import type { DType, Form } from '../../src/program/types.ts'
import { Tensor } from '../../src/tensor.ts'
import { kernelVectors } from './kernels.ts'
import { philoxVectors } from './philox.ts'
import { scalarVectors } from './scalars.ts'
import { foldVectors, segmentVectors } from './segments.ts'

const folder = fileURLToPath(new URL('../../vectors/', import.meta.url))
const read = (name: string): unknown => JSON.parse(readFileSync(folder + name, 'utf8'))
const context = { step: 0, seed: 0n }

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
    ['kernels.json', kernelVectors],
    ['segments.json', segmentVectors],
    ['folds.json', foldVectors],
    ['philox.json', philoxVectors],
  ])('%s', (name, generate) => {
    expect(read(name)).toEqual(generate())
  })
})

describe('the reference backend computes them', () => {
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
        .map((hex, k) => new Tensor(slotType(op.inputs[k], type), hexWords(hex)))
      const K = operands[0].count
      const forms: Record<string, Form> = {
        MatMul: { family: 'matmul', B: 1, M: 1, N: 1, K, xShared: false, yShared: false },
        ScatterAdd: { family: 'indexed', B: 1, V: 1, R: 1, Q: K },
      }
      const form = forms[op.name] ?? { family: 'reduce', R: 1, K }
      const result = Tensor.zeros(type, 1)
      computeNode({ op: op.name, type, inputs: [], form }, operands, result, context)
      expect(result.words[0] >>> 0, `${op.name} over ${K}`).toBe(output)
    }
  })
})
