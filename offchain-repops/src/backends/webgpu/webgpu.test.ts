import { expect, test } from 'vitest'
import { OPERATORS } from '../../ops/index.ts'
import { committedVectors } from '../committedVectors.ts'
import { proveBackend } from '../conformance.ts'
import { webgpu, type WebGpuOptions } from './index.ts'
import { testDevice } from './testDevice.ts'
import { EXACT_HARDWARE } from './wgsl/exactHardware.ts'

const device = testDevice()
const vectors = committedVectors()

const WAYS: readonly [name: string, options: WebGpuOptions][] = [
  ['in integers', { arithmetic: 'integers' }],
  ['with the floats that this adapter may use', {}],
]

test.each(WAYS)('every operator is proved on every type, %s', async (_, options) => {
  const rows = await proveBackend(await webgpu(device(), options), vectors)
  expect(rows.filter(({ failure }) => failure !== undefined)).toEqual([])
  expect(rows).toHaveLength(OPERATORS.flatMap(({ types }) => types).length)
})

test('matrix products are proved on floats whose fma is exact', async () => {
  const backend = await webgpu(device(), { hardware: EXACT_HARDWARE })
  expect(backend.trials.map(({ operation, wrong }) => [operation, wrong])).toContainEqual(['fma', 0]) // prettier-ignore
  const scalars = vectors.scalars.filter(({ op }) => op === 'Fma')
  const kernels = vectors.kernels.filter(({ node }) => node.startsWith('0x40'))
  const rows = await proveBackend(backend, { kernels, scalars })
  expect(rows.map(({ op, failure }) => [op, failure])).toEqual([
    ['MatMul', undefined],
    ['Fma', undefined],
  ])
})
