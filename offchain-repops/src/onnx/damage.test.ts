import { describe, expect, test } from 'vitest'
import { encoderGraph, mlpGraph, mobileGraph } from '../testing/onnxGraphs.ts'
import { onnxModel, randomFloats } from '../testing/onnxModel.ts'
import { Random } from '../testing/Random.ts'
import { onnxProgram } from './inference.ts'
import { OnnxError } from './OnnxError.ts'
import type { OnnxModel } from './OnnxModel.ts'
import { readOnnx } from './readOnnx.ts'
import { writeOnnx } from './writeOnnx.ts'

const linear = onnxModel({
  inputs: { x: ['float', 2, 3] },
  outputs: ['y'],
  nodes: [['MatMul', ['x', 'w'], ['y']]],
  initialisers: { w: randomFloats([3, 4]) },
})

describe('files with random damage', () => {
  const models: [string, OnnxModel, Record<string, number>, rounds: number][] = [
    ['linear', linear, {}, 300],
    ['mlp', mlpGraph(), { batch: 2 }, 200],
    ['encoder', encoderGraph(), { batch: 1, sequence: 4 }, 50],
    ['mobile', mobileGraph(), { batch: 1 }, 100],
  ]
  test.each(models)('%s: a typed error or a program', (name, model, dims, rounds) => {
    const bytes = writeOnnx(model)
    const random = new Random(name.length)
    let refused = 0
    for (let round = 0; round < rounds; round++) {
      const damaged = damage(bytes, random)
      try {
        onnxProgram(readOnnx(damaged), { dims })
      } catch (error) {
        if (!(error instanceof OnnxError)) throw error
        expect(error.message).not.toContain('\n')
        refused++
      }
    }
    expect(refused).toBeGreaterThan(10)
  })
})

function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const damaged = bytes.slice(
    0,
    random.chance(0.2) ? random.between(1, bytes.length) : bytes.length,
  )
  // Weights are most of the bytes, and damage to them is none: names, shapes and structure are at the beginning.
  const reach = random.chance(0.7) ? Math.min(4000, damaged.length) : damaged.length
  const count = random.between(1, 4)
  for (let i = 0; i < count; i++) {
    const at = random.below(reach)
    damaged[at] = random.chance(0.5) ? damaged[at] ^ (1 << random.below(8)) : random.below(256)
  }
  return damaged
}
