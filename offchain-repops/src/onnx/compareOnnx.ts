import type { Backend } from '../backends/backend.ts'
import { Execution } from '../execute/Execution.ts'
import { differences, type Differences } from './differences.ts'
import type { OnnxProgram, TensorPort } from './inference.ts'
import type { KnownTensor } from './KnownTensor.ts'
import { OnnxError } from './OnnxError.ts'
import { openRuntime } from './onnxRuntime.ts'

export interface ComparedOutput extends TensorPort, Differences {}

export interface Comparison {
  readonly outputs: readonly ComparedOutput[]
  /** Milliseconds of a run, the best of all, without making ready or reading results. */
  readonly milliseconds: { readonly repops: number; readonly onnxRuntime: number }
}

export interface CompareOptions {
  readonly backend: Backend
  readonly inputs: ReadonlyMap<string, KnownTensor>
  /** How often both run; 1 by default. */
  readonly runs?: number
  /** Threads of ONNX Runtime; as many as the machine has cores by default. */
  readonly threads?: number
  /** Told after each run of either, outside of what is timed, how many of how many there were. */
  readonly onRun?: (done: number, of: number) => void
}

/** Runs a program beside ONNX Runtime, which gets `source` (the model's bytes or path), on the same inputs. */
export async function compareOnnx(
  { program, constants, outputs, state, results }: OnnxProgram,
  source: Uint8Array | string,
  { backend, inputs, runs = 1, threads, onRun }: CompareOptions,
): Promise<Comparison> {
  let done = 0
  const onEach = (): void => onRun?.(++done, 2 * (runs + 1))
  const initial = state(inputs)
  const runtime = await openRuntime(source, threads === undefined ? {} : { threads })
  let theirs: ReadonlyMap<string, KnownTensor>
  let onnxRuntime: number
  try {
    theirs = await runtime.run(inputs)
    onnxRuntime = await best(runs, runtime.repeat(inputs), onEach)
  } finally {
    await runtime.close()
  }
  const execution = new Execution(program, backend, { state: initial, constants, seed: 0n })
  try {
    const repops = await best(runs, () => execution.advance(), onEach)
    const ours = results(await execution.state())
    return {
      outputs: outputs.map((port) => compare(port, ours.get(port.name), theirs.get(port.name))),
      milliseconds: { repops, onnxRuntime },
    }
  } finally {
    await execution.close()
  }
}

function compare(
  port: TensorPort,
  ours: KnownTensor | undefined,
  theirs: KnownTensor | undefined,
): ComparedOutput {
  if (ours === undefined || theirs === undefined || ours.count !== theirs.count)
    throw new OnnxError(
      'malformed',
      `output ${JSON.stringify(port.name)} has the shape [${port.dims.join(', ')}] here and [${theirs?.dims.join(', ') ?? ''}] in ONNX Runtime`,
    )
  return { ...port, ...differences(ours, theirs) }
}

/** Milliseconds of the quickest of some runs, after one that makes everything ready. */
async function best(runs: number, run: () => Promise<void>, onEach: () => void): Promise<number> {
  let least = Infinity
  await run()
  onEach()
  for (let i = 0; i < runs; i++) {
    const begin = performance.now()
    await run()
    least = Math.min(least, performance.now() - begin)
    onEach()
  }
  return least
}
