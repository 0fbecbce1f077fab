import {
  accuracyEvaluator,
  BuildError,
  decodeProgram,
  type DecoderConfig,
  type Evaluator,
  gpt2,
  type Hash,
  learnedJudge,
  perplexityEvaluator,
  ProgramError,
  readProgramFile,
  SHIPPED_JUDGE_ROOT,
  shippedJudge,
  Tensor,
  tensorRoot,
  tokenise,
} from '@lockstep/repops'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Address, keccak256, parseEther, toBytes } from 'viem'
import { z } from 'zod'
import { address, hash } from '../config/kinds.ts'
import { fail } from '../errors.ts'
import { readBounded } from '../files/read-bounded.ts'
import { SHIPPED_JUDGE, SHIPPED_TEXT } from '../files/shipped.ts'
import { readTensor } from './entry.ts'
import type { ContestOrder } from './open.ts'

const count = z
  .int()
  .min(1)
  .max(2 ** 31 - 1)
const amount = z
  .string()
  .regex(/^\d{1,20}(\.\d{1,18})?$/, 'wants an amount in $AI such as "12.5"')
  .transform((text) => parseEther(text))

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const
/** Seconds: a number, or such as "90s", "30m", "2h", "1d". */
const duration = z.union(
  [
    count,
    z
      .string()
      .regex(/^\d{1,9}[smhd]$/)
      .transform((text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS]),
  ],
  'wants seconds, or such as "90s", "30m", "2h", "1d"',
)
/** A unix second, or such as "2h": so long from now. */
const moment = z.union(
  [z.int().min(0), duration.transform((seconds) => ({ fromNow: seconds }))],
  'wants a unix second, or so long from now: such as "90s", "30m", "2h", "1d"',
)

/** A decoder of GPT-2's kind in any size; what is given besides the sizes takes the place of what GPT-2 has. */
const model = z.strictObject({
  vocabulary: count,
  context: count,
  width: count,
  layers: count,
  heads: count,
  keyHeads: count.optional(),
  inner: count.optional(),
  norm: z.enum(['layer', 'rms']).optional(),
  epsilon: z.number().positive().optional(),
  mlp: z.enum(['gelu', 'swiglu']).optional(),
  biases: z.boolean().optional(),
  rotaryBase: z.number().positive().optional(),
  tied: z.boolean().optional(),
})

const rubric = z.string().min(1).optional()
const evaluator = z.union([
  z.strictObject({ id: hash }),
  z.strictObject({
    name: z.literal('perplexity'),
    ...{ model, batch: count, length: count, batches: count, rubric },
  }),
  z.strictObject({ name: z.literal('accuracy'), questions: count, rubric }),
  z.strictObject({
    name: z.literal('learned-judge'),
    ...{ model, length: count, weights: z.string(), texts: count, batch: count, prompt: count },
    rubric,
  }),
  z.strictObject({
    name: z.literal('shipped-judge'),
    ...{ texts: count, batch: count, prompt: count, rubric },
  }),
  z.strictObject({
    program: z.string(),
    state: z.string(),
    weights: z.string().optional(),
    steps: count,
    interval: count,
    seed: z.coerce.bigint().default(0n),
    scoreState: z.int().min(0),
    rubric: z.string().min(1),
  }),
])

const testSet = z.union([
  z.strictObject({ safetensors: z.string(), tensor: z.string().optional() }),
  z.strictObject({
    text: z.string(),
    /** The text whose bytes make up the alphabet: what the models were trained on. */
    alphabetOf: z.string().optional(),
    /** The first byte that is used. */
    from: z.int().min(0).default(0),
  }),
])

const file = z.strictObject({
  evaluator,
  attester: address.schema.optional(),
  maxEntrants: z.int().min(1).max(256),
  entriesClose: moment,
  workSeconds: duration,
  solveSeconds: duration,
  reward: amount,
  stake: amount,
  uri: z.url({ protocol: /^https?$/ }).optional(),
  rounds: z
    .array(z.strictObject({ testSet, opensAt: moment, orderBy: moment }))
    .min(1)
    .max(16),
})

const ODDS =
  'The mean over the texts of the logarithm of the odds that the judge finds a text genuine, in millionths.'

/** What a score of a shipped evaluator means, where the terms say nothing else; its hash is registered. */
export const RUBRICS = {
  perplexity:
    'Minus the mean cross entropy of the next token, in millionths of a nat: -1000000 ln(perplexity).',
  accuracy: 'The number of right answers.',
  'learned-judge': ODDS,
  'shipped-judge': ODDS,
} as const

/** Content hash of a rubric. */
export const rubricHash = (text: string): Hash => keccak256(toBytes(text))

/** Where the terms leave something open. */
export interface TermsDefaults {
  readonly attester: Address
  readonly uri: string | undefined
}

/**
 * A contest to be opened, from a JSON file of its terms (docs/guides/run-a-contest.md). Files that it names are found
 * from its folder; times in words count from `now`, unix seconds. `wantedBy`: what a registered evaluator takes as its
 * test set.
 */
export async function readTerms(
  path: string,
  defaults: TermsDefaults,
  now: number,
  maxMib: number,
  wantedBy: (id: Hash) => Promise<TestSetSize>,
): Promise<ContestOrder> {
  const terms = parse(path, await readBounded(path, maxMib))
  const at = (name: string) => resolve(dirname(path), name)
  const read = (name: string) => readBounded(at(name), maxMib)
  const secondOf = (given: z.output<typeof moment>) =>
    typeof given === 'number' ? given : now + given.fromNow
  const judged = await evaluatorOf(terms.evaluator, read, path)
  const wanted = 'id' in judged ? await wantedBy(judged.id) : judged.evaluator.program.constants[1]
  const rounds = []
  const vocabulary = 'model' in terms.evaluator ? terms.evaluator.model.vocabulary : Infinity
  for (const { testSet, opensAt, orderBy } of terms.rounds) {
    const tensor = await testSetOf(testSet, wanted, read)
    const unknown = tensor.words.find((token) => token < 0 || token >= vocabulary)
    if (unknown !== undefined)
      throw fail.badArtifact({
        what: `the test set has the token ${unknown}, the model knows 0 to ${vocabulary - 1}`,
        where: 'text' in testSet ? testSet.text : testSet.safetensors,
        advice: 'correct the vocabulary or the test set; nothing was sent',
      })
    rounds.push({ testSet: tensor, opensAt: secondOf(opensAt), orderBy: secondOf(orderBy) })
  }
  const uri = terms.uri ?? defaults.uri
  if (uri === undefined)
    throw fail.badSetting({
      what: 'nothing says where artifacts can be fetched',
      where: path,
      advice: "give uri, the attester's address, there or by --uri",
    })
  const { maxEntrants, workSeconds, solveSeconds, reward, stake } = terms
  return {
    evaluator: judged,
    attester: terms.attester ?? defaults.attester,
    entriesClose: secondOf(terms.entriesClose),
    ...{ maxEntrants, workSeconds, solveSeconds, reward, stake, uri, rounds },
  }
}

/** Type and size of a test set. */
export type TestSetSize = Pick<Tensor, 'type' | 'count'>

function parse(path: string, bytes: Uint8Array): z.output<typeof file> {
  try {
    return file.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw fail.badSetting(
      {
        what: 'these are no terms of a contest',
        where: path,
        advice:
          cause instanceof z.ZodError
            ? z.prettifyError(cause).replaceAll(/\s+/g, ' ')
            : (cause as Error).message,
      },
      { cause },
    )
  }
}

type Read = (name: string) => Promise<Uint8Array>

async function evaluatorOf(
  given: z.output<typeof evaluator>,
  read: Read,
  path: string,
): Promise<ContestOrder['evaluator']> {
  if ('id' in given) return given
  try {
    if ('program' in given) {
      const program = decodeProgram(readProgramFile(await read(given.program)))
      const { steps, interval, seed, scoreState } = given
      const state = await read(given.state)
      const initialState = program.states.map(({ name }) => readTensor(state, given.state, [name]))
      const weights =
        given.weights === undefined
          ? {}
          : { weights: readTensor(await read(given.weights), given.weights, ['weights', 'model']) }
      const made = { program, initialState, ...weights, steps, interval, seed, scoreState }
      return { evaluator: made, rubric: rubricHash(given.rubric) }
    }
    const rubric = rubricHash(given.rubric ?? RUBRICS[given.name])
    return { evaluator: await shipped(given, read), rubric }
  } catch (cause) {
    if (!(cause instanceof BuildError || cause instanceof ProgramError)) throw cause
    throw fail.malformed(
      {
        what: cause.message,
        where: `evaluator in ${path}`,
        advice: 'correct it; nothing was sent',
      },
      { cause },
    )
  }
}

type Shipped = Extract<z.output<typeof evaluator>, { name: string }>

async function shipped(given: Shipped, read: Read): Promise<Evaluator> {
  switch (given.name) {
    case 'perplexity':
      return perplexityEvaluator({ ...given, config: decoderOf(given.model) })
    case 'accuracy':
      return accuracyEvaluator(given.questions)
    case 'learned-judge': {
      const bytes = await read(given.weights)
      const weights = readTensor(bytes, given.weights, ['weights', 'model'])
      return learnedJudge({ ...given, config: decoderOf(given.model), weights })
    }
    case 'shipped-judge': {
      const { config, length } = shippedJudge(await readFile(SHIPPED_TEXT))
      const weights = readTensor(await readFile(SHIPPED_JUDGE), SHIPPED_JUDGE, ['weights'])
      const root = tensorRoot(weights)
      if (root === SHIPPED_JUDGE_ROOT) return learnedJudge({ ...given, config, length, weights })
      throw fail.badArtifact({
        what: `the weights have the root ${root}, not ${SHIPPED_JUDGE_ROOT}`,
        where: SHIPPED_JUDGE,
        advice: 'restore the file from the repository',
      })
    }
  }
}

function decoderOf({ vocabulary, context, width, layers, heads, ...rest }: z.output<typeof model>) {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  return {
    ...gpt2({ vocabulary, context, width, layers, heads }),
    ...(Object.fromEntries(given) as Partial<DecoderConfig>),
  }
}

async function testSetOf(
  given: z.output<typeof testSet>,
  { type, count }: TestSetSize,
  read: Read,
): Promise<Tensor> {
  if ('safetensors' in given) {
    const bytes = await read(given.safetensors)
    const tensor = readTensor(bytes, given.safetensors, [given.tensor ?? 'test set'])
    if (tensor.type === type && tensor.count === count) return tensor
    throw fail.badArtifact({
      what: `the test set has ${tensor.count} elements of ${tensor.type}, the evaluator takes ${count} of ${type}`,
      where: given.safetensors,
      advice: 'correct the file; nothing was sent',
    })
  }
  const text = await read(given.text)
  const alphabet = tokenise(await read(given.alphabetOf ?? given.text)).alphabet
  const used = text.subarray(given.from, given.from + count)
  const unknown = used.find((byte) => !alphabet.includes(byte))
  if (type === 'i32' && used.length === count && unknown === undefined)
    return new Tensor(
      'i32',
      Int32Array.from(used, (byte) => alphabet.indexOf(byte)),
    )
  throw fail.badArtifact({
    what:
      type !== 'i32'
        ? `the evaluator takes a test set of ${type}, not of tokens`
        : unknown === undefined
          ? `it has ${used.length} bytes from byte ${given.from} on, the evaluator takes ${count}`
          : `byte ${unknown} is none of the alphabet`,
    where: given.text,
    advice: 'take another text; nothing was sent',
  })
}
