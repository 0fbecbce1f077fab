import { readFileSync } from 'node:fs'
import { committedVectors } from '../../src/backends/committedVectors.ts'
import { BOUNDS, proveBackend, type Vectors } from '../../src/backends/conformance.ts'
import { engineBackend } from '../../src/backends/engine/engineBackend.ts'
import { reference } from '../../src/backends/reference/index.ts'
import { committedEngine } from '../../src/backends/wasm/committedEngine.ts'
import { wasmHost } from '../../src/backends/wasm/wasmHost.ts'
import { webAssembly } from '../../src/backends/wasm/webAssembly.ts'
import { fromHex, keccak } from '../../src/commit/hash.ts'
import { Execution } from '../../src/execute/Execution.ts'
import { transformerJob } from '../../src/models/transformer.ts'
import { decodeNode } from '../../src/program/nodeCodec.ts'
import { Random } from '../../src/testing/Random.ts'
import { randomProgram } from '../../src/testing/randomProgram.ts'
import { Recording } from './Recording.ts'

const LENGTHS = [1, 7, 8, 64, 135, 136, 137, 271, 272, 1023, 1024, 1087, 1088] // around words and blocks
const STEPS = 2
const RANDOM_PROGRAMS = 30

/**
 * The committed vectors, steps of a training job and digests, asked of the WebAssembly engine. Throws where that
 * does not give what is committed, so that whoever repeats its answers has proved the same.
 */
export async function record(): Promise<Recording> {
  const recording = new Recording()
  const backend = engineBackend(
    'recorded',
    recording.of(wasmHost(await webAssembly.compile(committedEngine()))),
  )

  const prove = async (label: string, vectors: Vectors): Promise<void> => {
    recording.label(label)
    for (const { failure } of await proveBackend(backend, vectors))
      if (failure !== undefined) throw new Error(`${label}: ${failure}`)
  }
  const { kernels, scalars } = committedVectors()
  for (const vector of kernels) {
    const { op, type } = decodeNode(fromHex(vector.node), BOUNDS)
    await prove(`${op} ${type}, node ${vector.node}`, { kernels: [vector], scalars: [] })
  }
  for (const vector of scalars)
    await prove(`${vector.op} ${vector.type}, corner cases`, { kernels: [], scalars: [vector] })

  const committed = JSON.parse(
    readFileSync(new URL('../../vectors/training.json', import.meta.url), 'utf8'),
  ) as { readonly stateRoots: readonly string[] }
  const text = readFileSync(new URL('../../data/licences.txt', import.meta.url))
  const { program, constants, initialState, seed } = transformerJob({
    ...{ text, steps: STEPS + 1, interval: 1, seed: 0x0123456789abcdefn },
  })
  const execution = new Execution(program, backend, { state: initialState, constants, seed })
  for (let step = 0; step < STEPS; step++) {
    recording.label(`step ${step} of the training job`)
    await (step === 0 ? execution.advance() : execution.advanceCommitting())
    const root = await execution.stateRoot()
    if (root !== committed.stateRoots[step + 1])
      throw new Error(`the state after step ${step} has the root ${root}`)
  }
  await execution.close()

  for (let number = 1; number <= RANDOM_PROGRAMS; number++) {
    recording.label(`random program ${number}`)
    const made = randomProgram(new Random(number))
    const inputs = { ...made, state: made.initialState }
    const expected = new Execution(made.program, reference, inputs)
    const actual = new Execution(made.program, backend, inputs)
    await expected.advance()
    await actual.advanceCommitting()
    if ((await actual.stateRoot()) !== (await expected.stateRoot()))
      throw new Error(`random program ${number} has another state than on the reference`)
    await actual.close()
  }

  for (const length of LENGTHS) {
    const messages = Uint8Array.from({ length: 11 * length }, (_, i) => (i * 151 + length) & 255)
    const each = Array.from({ length: 11 }, (_, i) =>
      fromHex(keccak(messages.subarray(i * length, (i + 1) * length))),
    )
    recording.label(`keccak of ${length} bytes`)
    recording.keccak(length, messages, Buffer.concat(each))
  }
  return recording
}
