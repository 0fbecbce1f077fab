import {
  decodeProgram,
  DEMO_TRANSFORMER,
  encodeProgram,
  type EncodedProgram,
  type Program,
  ProgramError,
  readProgramFile,
  readSafetensors,
  SafetensorsError,
  type Tensor,
  TensorMismatchError,
  transformerJob,
  BuildError,
} from '@lockstep/repops'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { readBounded } from '../files/read-bounded.ts'
import type { Order } from '../roles/submitter.ts'

type OrderValues = Values<
  | 'model'
  | 'modelOptions'
  | 'text'
  | 'program'
  | 'state'
  | 'constants'
  | 'steps'
  | 'interval'
  | 'seed'
  | 'maxArtifactMib'
>

/** The text that the transformer trains on if none is named; it ships with the operators. */
export const SHIPPED_TEXT = fileURLToPath(
  new URL('../../../offchain-repops/data/licences.txt', import.meta.url),
)

/** What is to be computed: a model built by name, or a program file with its tensors. */
export async function readOrder(values: OrderValues): Promise<Order> {
  if ((values.model === undefined) === (values.program === undefined)) {
    throw fail.badSetting({
      what: 'nothing, or two things, to be computed',
      where: '--model and --program',
      advice: 'give one of them',
    })
  }
  return values.model === undefined
    ? readProgram(values, values.program!)
    : buildModel(values, values.model)
}

const whole = z.coerce
  .number()
  .int()
  .min(1)
  .max(1 << 20)
const transformerOptions = z.strictObject({
  layers: whole.default(DEMO_TRANSFORMER.layers),
  width: whole.default(DEMO_TRANSFORMER.width),
  heads: whole.default(DEMO_TRANSFORMER.heads),
  context: whole.default(DEMO_TRANSFORMER.context),
  batch: whole.default(DEMO_TRANSFORMER.batch),
  warmup: whole.default(DEMO_TRANSFORMER.warmup),
  learningRate: z.coerce.number().positive().max(10).default(DEMO_TRANSFORMER.learningRate),
  /** Keeps the model as one tensor too: what a contest takes. */
  flat: z.stringbool().default(false),
})

async function buildModel(values: OrderValues, model: string): Promise<Order> {
  if (model !== 'transformer') {
    throw fail.badSetting({
      what: `there is no model ${JSON.stringify(model)}`,
      where: '--model',
      advice: 'known: transformer',
    })
  }
  const pairs = values.modelOptions
    .split(',')
    .filter(Boolean)
    .map((part) => part.split('=') as [string, string])
  const options = transformerOptions.safeParse(Object.fromEntries(pairs))
  if (!options.success) {
    throw fail.badSetting({
      what: `${JSON.stringify(values.modelOptions)} are no options of a transformer`,
      where: '--model-options',
      advice: z.prettifyError(options.error).replaceAll('\n', ' '),
    })
  }
  const { steps, interval, seed } = values
  const text = await readBounded(values.text ?? SHIPPED_TEXT, values.maxArtifactMib)
  try {
    const { flat, ...config } = options.data
    const job = transformerJob({ text, steps, interval, seed, config, flat })
    return { ...job, encoded: encodeProgram(job.program) }
  } catch (cause) {
    if (!(cause instanceof BuildError || cause instanceof ProgramError)) throw cause
    throw fail.malformed(
      { what: cause.message, where: '--model-options', advice: 'choose sizes that fit together' },
      { cause },
    )
  }
}

async function readProgram(values: OrderValues, path: string): Promise<Order> {
  const bytes = await readBounded(path, values.maxArtifactMib)
  let encoded: EncodedProgram
  let program: Program
  try {
    encoded = readProgramFile(bytes)
    program = decodeProgram(encoded)
  } catch (cause) {
    if (!(cause instanceof ProgramError)) throw cause
    throw fail.malformed(
      { what: cause.message, where: path, advice: 'correct the program; nothing was posted' },
      { cause },
    )
  }
  const { steps, interval, seed, maxArtifactMib } = values
  return {
    encoded,
    initialState: await readTensors(values.state, '--state', program.states, maxArtifactMib),
    constants: await readTensors(
      values.constants,
      '--constants',
      program.constants,
      maxArtifactMib,
    ),
    steps,
    interval,
    seed,
  }
}

/** The tensors of a safetensors file by the entries' names, each of the entry's type and size. */
async function readTensors(
  path: string | undefined,
  flag: string,
  entries: Program['constants'],
  maxMib: number,
): Promise<Tensor[]> {
  if (path === undefined) {
    if (entries.length === 0) return []
    throw fail.badSetting({
      what: `the program wants ${entries.length} tensors (${entries[0].name}, …)`,
      where: flag,
      advice: 'name a safetensors file that has them',
    })
  }
  const bytes = await readBounded(path, maxMib)
  try {
    const { tensors } = readSafetensors(bytes)
    return entries.map(({ name, type, count }) => {
      const found = tensors.get(name)?.tensor
      if (found === undefined) throw new TensorMismatchError(`there is no tensor ${name}`)
      if (found.type !== type || found.count !== count) {
        throw new TensorMismatchError(
          `${name} has ${found.count} elements of ${found.type}, the program wants ${count} of ${type}`,
        )
      }
      return found
    })
  } catch (cause) {
    if (!(cause instanceof SafetensorsError || cause instanceof TensorMismatchError)) throw cause
    throw fail.badArtifact(
      { what: cause.message, where: path, advice: 'correct the file; nothing was posted' },
      { cause },
    )
  }
}
