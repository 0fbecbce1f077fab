// `npm run train:judge -w offchain-repops [-- --check]`: trains the judge that ships (two minutes on two cores) and
// writes its weights; with --check compares their root with the recorded one.
import { readFileSync, writeFileSync } from 'node:fs'
import { openBackendByName } from '../../src/backends/byName.ts'
import { tensorRoot } from '../../src/commit/tensor.ts'
import { SHIPPED_JUDGE_ROOT, shippedJudgeJob } from '../../src/evaluators/shippedJudge.ts'
import { runJob } from '../../src/execute/Job.ts'
import { MODEL } from '../../src/models/flat.ts'
import { LOSS_HISTORY } from '../../src/models/lossHistory.ts'
import { writeSafetensors } from '../../src/safetensors/safetensors.ts'
import { Tensor } from '../../src/tensor.ts'

const data = (name: string): URL => new URL(`../../data/${name}`, import.meta.url)

const job = shippedJudgeJob(readFileSync(data('licences.txt')))
const placeOf = (name: string) => job.program.states.findIndex((state) => state.name === name)
const backend = await openBackendByName('auto', {})
let weights: Tensor | undefined
for await (const { step, state } of runJob(job, { backend })) {
  if (step > 0) console.log(`step ${step}: loss ${state[placeOf(LOSS_HISTORY)].floats[step - 1]}`)
  if (step === job.steps) weights = new Tensor('f32', state[placeOf(MODEL)].words.slice())
}
const root = tensorRoot(weights!)
console.log(`root of the weights: ${root}`)
if (process.argv.includes('--check')) {
  if (root !== SHIPPED_JUDGE_ROOT) {
    console.error(`recorded is ${SHIPPED_JUDGE_ROOT}`)
    process.exitCode = 1
  }
} else
  writeFileSync(
    data('judge.safetensors'),
    writeSafetensors([['weights', { shape: [weights!.count], tensor: weights! }]]),
  )
