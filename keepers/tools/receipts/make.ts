/**
 * Makes the fixed receipts of a version of the format: `npx tsx keepers/tools/receipts/make.ts <folder>`. Those of a
 * version that was published are never made again (docs/spec/receipts.md, section 7): a new version gets a new folder.
 */
import {
  accuracyEvaluator,
  crossEntropy,
  type Evaluator,
  evaluationJob,
  flatten,
  generationJob,
  gpt2,
  gradients,
  Graph,
  type Job,
  perplexityEvaluator,
  randomWeights,
  Tensor,
} from '@lockstep/repops'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { type Receipt, receiptText } from '../../src/receipts/receipt.ts'
import { receiptHash, signReceipt } from '../../src/receipts/sign.ts'
import { LOCAL_KEY } from '../../src/testing/keys.ts'
import { madeUpReceipt, type MadeUpClaim } from '../../src/testing/receipts.ts'

const folder = process.argv.at(2)
if (folder === undefined || existsSync(folder)) {
  process.stderr.write('give the name of a folder that does not exist\n')
  process.exit(2)
}

/** Words that look like chance and are the same everywhere. */
const floats = (count: number, scale = 1): Tensor =>
  Tensor.f32(
    Array.from({ length: count }, (_, i) => scale * ((((i * 2654435761) >>> 8) % 1999) / 999 - 1)),
  )

/** A classifier of two layers on noise: products with more than one segment, transcendentals, random words, gradients. */
function training(): Job {
  const graph = new Graph()
  const input = graph.constant('input', 'f32', [2, 300])
  const labels = graph.constant('labels', 'i32', [2])
  const first = graph.state('first', 'f32', [6, 300])
  const second = graph.state('second', 'f32', [5, 6])
  const noise = graph
    .philox([2, 300], 7)
    .and(255)
    .i2f()
    .mul(1 / 512)
  const hidden = input.add(noise).matmulT(first).tanh()
  const loss = crossEntropy(hidden.matmulT(second), labels)
  const steps = gradients(loss, [first, second])
  graph.setNext(first, first.sub(steps[0].mul(0.25)))
  graph.setNext(second, second.sub(steps[1].mul(0.25)))
  const losses = graph.state('losses', 'f32', [1])
  graph.setNext(losses, losses.add(loss.reshape([1])))
  return {
    program: graph.program(),
    constants: [floats(600), Tensor.i32([1, 4])],
    initialState: [floats(1800, 0.05), floats(30), Tensor.zeros('f32', 1)],
    seed: 77n,
    steps: 10,
    interval: 4,
  }
}

const SMALL = gpt2({ vocabulary: 20, context: 8, width: 8, layers: 1, heads: 2 })

const generation = (): Job =>
  generationJob({
    config: SMALL,
    weights: randomWeights(SMALL, 3n),
    prompts: [[4, 8], [15]],
    newTokens: 5,
    sampling: { temperature: 0.8, topK: 10 },
    seed: 11n,
    interval: 2,
  })

const tokens = (count: number): Tensor =>
  Tensor.i32(Array.from({ length: count }, (_, i) => (i * i + 3 * i) % 20))

const weighed: Evaluator = perplexityEvaluator({ config: SMALL, batch: 2, length: 6, batches: 2 })
const counted: Evaluator = accuracyEvaluator(40)

const solver = privateKeyToAccount(LOCAL_KEY)
const evaluated = (contest: bigint, { scoreState }: Evaluator) => ({
  judge: `0x${'b'.repeat(40)}` as const,
  contest,
  entrant: 1,
  round: 0,
  scoreState,
})

/** The same with roots that are further apart, as long runs have them. */
const coarser = (receipt: Receipt, every: number): Promise<Receipt> => {
  const { roots } = receipt.trace
  const last = roots.length - 1
  const kept = roots.filter((_, step) => step % every === 0 || step === last)
  return signReceipt({ ...receipt, trace: { every, roots: kept } }, solver)
}

const bent = { step: 6, node: 5, element: 0, bit: 22 }

/** `every`: how far apart the roots are, if not as `lockstep` writes them. */
const made: [
  name: string,
  job: Job,
  claim: MadeUpClaim,
  differs?: object | undefined,
  every?: number,
][] = [
  ['training', training(), { job: 1n, solver }],
  ['generation', generation(), { job: 2n, solver }],
  [
    'perplexity',
    evaluationJob(weighed, flatten([...randomWeights(SMALL, 5n).values()]), tokens(2 * 2 * 7)),
    { job: 3n, solver, evaluation: evaluated(7n, weighed) },
  ],
  [
    'accuracy',
    evaluationJob(counted, tokens(40), Tensor.i32(Array.from({ length: 40 }, (_, i) => i % 20))),
    { job: 4n, solver, evaluation: evaluated(8n, counted) },
  ],
  [
    'wrong',
    training(),
    { job: 5n, solver, corruption: bent },
    { steps: { first: 6, last: 6 }, interval: 1 },
  ],
  ['coarse', training(), { job: 6n, solver }, undefined, 8],
  [
    'coarse-wrong',
    training(),
    { job: 7n, solver, corruption: bent },
    { steps: { first: 4, last: 7 }, interval: 1 },
    4,
  ],
  [
    'coarsest-wrong',
    training(),
    { job: 8n, solver, corruption: bent },
    { steps: { first: 0, last: 7 }, interval: 0 },
    8,
  ],
]

mkdirSync(folder, { recursive: true })
const expected: Record<string, object> = {}
for (const [name, job, claim, differs, every] of made) {
  const whole = await madeUpReceipt(job, claim, join(folder, 'store'))
  const receipt = every === undefined ? whole : await coarser(whole, every)
  writeFileSync(join(folder, `${name}.json`), receiptText(receipt))
  expected[name] = {
    receipt: receiptHash(receipt),
    signers: [solver.address],
    match: differs === undefined,
    ...(differs === undefined ? {} : { differs }),
  }
}
writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`)
