import {
  decodeProgram,
  DEMO_TRANSFORMER,
  encodeProgram,
  type EncodedProgram,
  type Job,
  type Program,
  ProgramError,
  readProgramFile,
  readSafetensors,
  shippedJudgeJob,
  SafetensorsError,
  type Tensor,
  TensorMismatchError,
  type TransformerConfig,
  transformerJob,
  BuildError,
} from '@lockstep/repops'
import { z } from 'zod'
import { count, digits, flag, kind, type Kind, wrongValue } from '../config/kinds.ts'
import type { Values } from '../config/settings.ts'
import { fail } from '../errors.ts'
import { SHIPPED_TEXT } from '../files/shipped.ts'
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

/** What is to be computed: a model built by name, or a program file with its tensors. */
export async function readOrder(values: OrderValues): Promise<Order> {
  if ((values.model === undefined) === (values.program === undefined)) {
    throw fail.badSetting({
      what: 'nothing, or two things, to be computed',
      where: '--model and --program',
      advice: 'give one of them',
    })
  }
  return values.model === undefined ? readProgram(values, values.program!) : buildModel(values)
}

const size = count(1, 1 << 20)
const TRANSFORMER_OPTIONS: Readonly<Record<keyof TransformerConfig | 'flat', Kind>> = {
  layers: size,
  width: size,
  heads: size,
  context: size,
  batch: size,
  warmup: size,
  learningRate: kind('a number above 0, at most 10', digits.pipe(z.number().positive().max(10))),
  /** Keeps the model as one tensor too: what a contest takes. */
  flat: flag,
}

/** `layers=2,flat=true`: what of the transformer is not as usual. */
function transformerOptions(text: string): TransformerConfig & { flat: boolean } {
  const given = text.split(',').filter(Boolean)
  const pairs = given.map((pair): [string, unknown] => {
    const [name, value = ''] = pair.split('=', 2)
    const where = `--model-options ${text}`
    if (!Object.hasOwn(TRANSFORMER_OPTIONS, name)) {
      throw fail.badSetting({
        what: `a transformer has no option ${JSON.stringify(name)}`,
        where,
        advice: `it has ${Object.keys(TRANSFORMER_OPTIONS).join(', ')}`,
      })
    }
    const option = TRANSFORMER_OPTIONS[name as keyof typeof TRANSFORMER_OPTIONS]
    const checked = option.schema.safeParse(value)
    if (!checked.success) throw wrongValue(option, checked.error, { value, name, where })
    return [name, checked.data]
  })
  return { ...DEMO_TRANSFORMER, flat: false, ...Object.fromEntries(pairs) }
}

/** What builds each model, by the name that it is asked for. */
const build: Readonly<
  Record<NonNullable<OrderValues['model']>, (values: OrderValues, text: Uint8Array) => Job>
> = {
  transformer: ({ steps, interval, seed, modelOptions }, text) => {
    const { flat, ...config } = transformerOptions(modelOptions)
    return transformerJob({ text, steps, interval, seed, config, flat })
  },
  judge: ({ modelOptions, ...run }, text) => {
    if (modelOptions === '') return shippedJudgeJob(text, run)
    throw fail.badSetting({
      what: 'the shape of the judge is given',
      where: '--model-options',
      advice: 'leave it out',
    })
  },
}

async function buildModel(values: OrderValues): Promise<Order> {
  const text = await readBounded(values.text ?? SHIPPED_TEXT, values.maxArtifactMib)
  try {
    const job = build[values.model ?? 'transformer'](values, text)
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
