import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Gpu } from '../../src/backends/webgpu/Gpu.ts'
import { GpuExecutable } from '../../src/backends/webgpu/GpuExecutable.ts'
import { openDevice } from '../../src/backends/webgpu/openDevice.ts'
import { OPERATIONS, type Operation } from '../../src/backends/webgpu/wgsl/arithmetic.ts'
import { repopsLibrary } from '../../src/backends/webgpu/wgsl/repops.ts'
import type { Plan, Slot } from '../../src/execute/plan/types.ts'
import { softwareAdapter } from './adapter.ts'

/**
 * Times square matrix products on the software adapter, or with --machine on the machine's own: in integers, and with
 * the adapter's fma whether it is exact or not. Best of several, in GFLOP/s.
 */
const SIZES = [256, 512]
const ROUNDS = 5

function squarePlan(n: number): Plan {
  const slots = [0, 1, 2].map(
    (i): Slot => ({ type: 'f32', count: n * n, place: { kind: 'arena', offset: i * n * n } }),
  )
  const strides = { batch: [], row: n, column: 1 }
  const kernel = {
    kind: 'matmul', batch: [], M: n, N: n, K: n, x: strides, y: strides, out: strides,
  } as const // prettier-ignore
  return {
    program: { nodes: [], states: [], constants: [] },
    slots,
    arenaWords: 3 * n * n,
    tasks: [{ nodes: [], kernel, inputs: [0, 1], outputs: [2], commit: false }],
  }
}

async function gigaflops(gpu: Gpu, n: number, floats: ReadonlySet<Operation>): Promise<number> {
  const arithmetic = { library: repopsLibrary(floats), floats }
  const executable = await GpuExecutable.compile(squarePlan(n), gpu, arithmetic)
  const values = Float32Array.from({ length: n * n }, (_, i) => ((i * 7919) % 1013) / 500 - 1)
  for (const slot of [0, 1]) await executable.write(slot, new Int32Array(values.buffer))
  let best = Infinity
  for (let round = 0; round <= ROUNDS; round++) {
    const started = process.hrtime.bigint()
    await executable.run(0, 1, { step: 0, seed: 0n })
    const nanoseconds = Number(process.hrtime.bigint() - started)
    if (round > 0) best = Math.min(best, nanoseconds) // the first compiles
  }
  await executable.close()
  return (2 * n ** 3) / best
}

if (process.argv.includes('--machine')) {
  const open = await openDevice()
  console.log(open.adapter)
  const gpu = new Gpu(open.device)
  for (const n of SIZES) {
    const integers = await gigaflops(gpu, n, new Set())
    const floats = await gigaflops(gpu, n, new Set(OPERATIONS))
    console.log(
      `${n}³: ${integers.toFixed(2)} GFLOP/s in integers, ${floats.toFixed(2)} with the adapter's fma`,
    )
  }
  open.close()
} else {
  const env = { ...process.env, ...softwareAdapter(), GALLIVM_PERF: '' }
  const own = fileURLToPath(import.meta.url)
  const tsx = fileURLToPath(new URL('../../../node_modules/tsx/dist/cli.mjs', import.meta.url))
  const { status } = spawnSync(process.execPath, [tsx, own, '--machine'], { stdio: 'inherit', env })
  process.exitCode = status ?? 1
}
