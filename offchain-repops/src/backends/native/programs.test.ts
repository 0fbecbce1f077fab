import { expect, test } from 'vitest'
import type { Job } from '../../execute/Job.ts'
import { planStep } from '../../execute/plan/planStep.ts'
import { forwardJob, gpt2, randomTrainingJob } from '../../models/gpt2.ts'
import { engineBackend } from '../engine/engineBackend.ts'
import { loadAddon } from './addon.ts'

// That what GPT-2 spends its time on outside of products is run by compiled loops. Another order of operators, in the
// layers, the gradients, the fusion or the table of programs, would give the same bits, several times as slowly.

const L = 3
const config = gpt2({ vocabulary: 128, context: 32, width: 64, layers: L, heads: 2 })
const run = { config, batch: 2, length: 16, seed: 1n }

/** How often a step of the job meets each compiled loop. */
async function programsOf({ program }: Job): Promise<Record<string, number>> {
  const addon = loadAddon()
  const counts: Record<string, number> = {}
  const plan = planStep(program, { advance: true, fuse: true })
  let task = 0
  const counting = engineBackend('counting', {
    ...addon,
    open: () => addon.open('', 1),
    addTask: (session, numbers) => {
      addon.addTask(session, numbers)
      for (const name of addon.programs(session, task++))
        if (name !== '') counts[name] = (counts[name] ?? 0) + 1
    },
  })
  const executable = await counting.compile(plan)
  await executable.close()
  return counts
}

test('a forward pass of GPT-2', async () => {
  expect(await programsOf(forwardJob(run))).toEqual({
    'layer norm, residual sum': 2 * L, // of the first norm nothing is left over yet
    'layer norm, squares': 2 * L + 1,
    'layer norm': 2 * L + 1,
    GELU: L,
  })
})

test('a training step of GPT-2', async () => {
  const job = randomTrainingJob(run, 2, 2)
  const matrices = 2 + 6 * L // embeddings; q, k, v, projection, up, down
  const vectors = 2 + 10 * L // the last norm; two norms and a bias of each matrix
  expect(await programsOf(job)).toEqual({
    'layer norm, residual sum': 2 * L,
    'layer norm, squares': 2 * L + 1,
    'layer norm, kept': 2 * L + 1,
    'GELU with its slope': L,
    'cross entropy backward': 1,
    'layer norm backward, sums': L + 1, // its rows go to one product; before attention to three
    'layer norm backward, residual sums': L,
    'layer norm backward': 2 * L, // the last norm has no residual
    'sum of products': L, // softmax backward
    'softmax backward': L,
    'sum of squares': matrices + vectors - 1, // clipping; the tied embedding's gradient is a sum itself
    Adam: matrices, // vectors do not decay
  })
})
