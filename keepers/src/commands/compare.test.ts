import { Tensor, writeOnnx, writeSafetensors } from '@lockstep/repops'
import { onnxModel, randomFloats } from '@lockstep/repops/testing'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lockstep } from '../testing/command-line.ts'
import { LockstepProcess } from '../testing/processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'compare-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const bytes = writeOnnx(
  onnxModel({
    inputs: { x: ['float', 'batch', 8] },
    outputs: ['y'],
    nodes: [
      ['MatMul', ['x', 'w'], ['h']],
      ['Softmax', ['h'], ['y']],
    ],
    initialisers: { w: randomFloats([8, 5]) },
  }),
)
const model = file('model.onnx', bytes)
const odd = writeOnnx(
  onnxModel({ inputs: { x: ['float', 1] }, outputs: ['y'], nodes: [['NonZero', ['x'], ['y']]] }),
)

interface Report {
  readonly within: boolean
  readonly nodes: number
  readonly outputs: readonly { name: string; dims: number[]; ulp: number; relative: number }[]
}

const compare = (...args: string[]) => lockstep(['compare', '--backend', 'reference', ...args])

describe('compare', () => {
  test('prints how far the outputs are apart', async () => {
    const { exit, out, err } = await compare(model, '--dim', 'batch=3')
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toMatch(/opset 17, \d+ nodes, reference beside ONNX Runtime/)
    expect(out).toMatch(/^output +type +shape +ULP +absolute +largest +relative +different$/m)
    expect(out).toMatch(/^y +float +\[3, 5\] +\d+ /m)
    expect(out).toMatch(/ ms here, .* ms in ONNX Runtime/)
  })

  test('answers yes or no by limits', async () => {
    const run = (...args: string[]) => compare(model, '--dim', 'batch=40', '--json', ...args)
    const near = await run('--max-ulp', '64', '--max-abs', '1e-6')
    expect(near.exit).toBe(0)
    const report = JSON.parse(near.out) as Report
    expect(report).toMatchObject({ within: true, outputs: [{ name: 'y', dims: [40, 5] }] })
    expect(report.outputs[0].ulp).toBeGreaterThan(0)
    const far = await run('--max-ulp', '0')
    expect(far.exit).toBe(6)
    expect(JSON.parse(far.out)).toMatchObject({ within: false })
    expect((await run('--max-abs', '1e-12')).exit).toBe(6)
  })

  test('takes inputs from files and random ones from the seed', async () => {
    const zeros = { shape: [1, 8], tensor: Tensor.zeros('f32', 8) }
    const input = file('x.safetensors', writeSafetensors([['x', zeros]]))
    const run = async (...args: string[]): Promise<Report> =>
      JSON.parse((await compare(model, '--dim', 'batch=1', '--json', ...args)).out) as Report
    // Of equal logits both make equal shares.
    expect((await run('--input', `x=${input}`)).outputs[0]).toMatchObject({ ulp: 0, absolute: 0 })
    const seeds: number[] = []
    for (const seed of ['1', '2', '1']) seeds.push((await run('--seed', seed)).outputs[0].relative)
    expect(seeds[0]).toBe(seeds[2])
    expect(seeds[0]).not.toBe(seeds[1])
  })

  test('takes open dimensions from the file of an input', async () => {
    const two = { shape: [2, 8], tensor: Tensor.zeros('f32', 16) }
    const input = file('two.safetensors', writeSafetensors([['x', two]]))
    const { exit, out } = await compare(model, '--input', `x=${input}`, '--json')
    expect(exit).toBe(0)
    expect((JSON.parse(out) as Report).outputs[0].dims).toEqual([2, 5])
    const other = await compare(model, '--input', `x=${input}`, '--dim', 'batch=3')
    expect(other.exit).toBe(2)
    expect(other.err).toContain('input "x" is float [3, 8], it is given float [2, 8]')
    expect(other.err).toContain('give --input a tensor of that type and shape')
  })

  test('logs nothing that nobody asked for', async () => {
    const env = { LOCKSTEP_LOG_LEVEL: '' }
    const args = ['compare', model, '--dim', 'batch=1', '--backend', 'wasm']
    const quiet = new LockstepProcess(args, env)
    expect(await quiet.ended).toBe(0)
    expect(quiet.lines).toEqual([])
    const told = new LockstepProcess([...args, '--log-level', 'info'], env)
    await told.line(({ msg }) => msg === 'backend proved (backend wasm, refused 0)')
    expect(await told.ended).toBe(0)
  })

  test('says what the figures mean', async () => {
    const sums = writeOnnx(
      onnxModel({
        inputs: { x: ['float', 4000, 500] },
        outputs: ['y'],
        nodes: [['ReduceMean', ['x'], ['y'], { axes: [1] }]],
      }),
    )
    const { out } = await compare(file('sums.onnx', sums))
    // Sums of both signs: some end near zero, where an ordinary difference is thousands of ULP.
    expect(out).toMatch(/^ONNX Runtime adds in an order of its own .* neither is wrong\.$/m)
    expect(out).toMatch(/^y: many ULP, but little beside the largest element/m)
    expect(out).not.toContain('look at these')
  })

  test('says in one line what is wrong', async () => {
    const wrong: [string[], number, string][] = [
      [[model], 2, 'need a length: batch (of x [batch, 8])'],
      [[model, '--dim', 'batch=x'], 2, '"batch=x" is not a value for --dim'],
      [[model, '--dim', 'rows=3'], 2, 'no open dimension rows; it has batch'],
      [[model, '--dim', 'batch=1', '--input', 'z=z.bin'], 2, 'no input "z"'],
      [
        [model, '--input', 'x'],
        2,
        '"x" is not a value for --input (flag --input <name=file,…>): "x" has no =',
      ],
      [[model, '--dim', 'batch=1', '--input', `x=${join(folder, 'none')}`], 4, 'cannot be read'],
      [[model, '--dim', 'batch=1', '--input', `x=${model}`], 4, 'artifact-mismatch'],
      [[model, '--dim', 'batch=1', '--backend', 'none'], 2, '"none" is not a value for --backend'],
      [[model, '--dim', 'batch=20000000000'], 4, 'MiB of state'],
      [[model, '--dim', 'batch=12000', '--max-job-mib', '1'], 4, 'MiB of a copy of the state'],
      [[join(folder, 'none.onnx')], 4, 'cannot be read'],
      [[file('half.onnx', bytes.subarray(0, 90))], 4, 'truncated'],
      [[file('cut.onnx', bytes.subarray(0, 90))], 4, 'the file is damaged or contradicts itself'],
      [[file('odd.onnx', odd)], 4, 'docs/guides/use-onnx-models.md says what can be used'],
    ]
    for (const [args, exit, message] of wrong) {
      const result = await compare(...args)
      expect(result.err).toContain(message)
      expect(result.err.trim()).not.toContain('\n')
      expect(result.exit).toBe(exit)
    }
  })
})
