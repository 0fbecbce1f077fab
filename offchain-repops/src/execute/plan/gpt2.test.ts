import { expect, test } from 'vitest'
import { Graph } from '../../build/Graph.ts'
import { gradients } from '../../build/gradients.ts'
import { crossEntropy } from '../../build/layers/softmax.ts'
import { adam } from '../../build/optimisers/adam.ts'
import { decoder } from '../../models/decoder.ts'
import { GPT2_SMALL } from '../../models/gpt2.ts'
import { Parameters } from '../../models/parameters.ts'
import type { Program } from '../../program/types.ts'
import { checkPlan } from '../../testing/checkPlan.ts'
import { planStep } from './planStep.ts'
import type { Plan } from './types.ts'

/** A training step of GPT-2 small on one sequence of 1,024 tokens, without the data. */
function trainingStep(): Program {
  const graph = new Graph()
  const parameters = new Parameters(graph, 'state')
  const tokens = graph.constant('tokens', 'i32', [1, 1024])
  const targets = graph.constant('targets', 'i32', [1, 1024])
  const loss = crossEntropy(decoder(parameters, tokens, GPT2_SMALL), targets)
  graph.setNext(graph.state('loss', 'f32', []), loss)
  const values = parameters.list.map(({ value }) => value)
  adam(parameters.list, gradients(loss, values), {
    learningRate: 6e-4,
    weightDecay: 0.1,
    clipNorm: 1,
  })
  return graph.program()
}

/**
 * What the tensors of the arena need at least, in words, however they are placed: at the end of each task all that was
 * written and is still to be read, and while it runs, where it is not one that writes over its inputs, these and its
 * outputs.
 */
function wordsNeeded({ slots, tasks }: Plan): number {
  const lastRead = new Map<number, number>()
  for (const [at, { inputs }] of tasks.entries()) for (const slot of inputs) lastRead.set(slot, at)
  const wordsOf = (slot: number): number =>
    slots[slot].place.kind === 'arena' ? slots[slot].count : 0
  let live = 0
  let most = 0
  for (const [at, { kernel, inputs, outputs }] of tasks.entries()) {
    for (const slot of outputs) live += wordsOf(slot)
    if (kernel.kind !== 'rows') most = Math.max(most, live)
    for (const slot of new Set(inputs)) if (lastRead.get(slot) === at) live -= wordsOf(slot)
    most = Math.max(most, live)
  }
  return most
}

test('a training step of GPT-2 small is planned in time, and takes the memory that it needs', () => {
  const program = trainingStep()
  for (const fuse of [false, true]) {
    // Of the processor, not of the clock: other tests run beside this one.
    const before = process.cpuUsage()
    const plan = planStep(program, { advance: true, fuse })
    const seconds = process.cpuUsage(before).user / 1e6
    const share = plan.arenaWords / wordsNeeded(plan)
    console.log(
      `GPT-2 small ${fuse ? 'fused' : 'node by node'}: ${plan.tasks.length} tasks of ${program.nodes.length} nodes,` +
        ` ${((plan.arenaWords * 4) / 2 ** 20).toFixed(0)} MiB in the arena, ${share.toFixed(3)} of what is needed,` +
        ` planned in ${(1000 * seconds).toFixed(0)} ms`,
    )
    expect(seconds).toBeLessThan(2)
    expect(share).toBeLessThan(1.3)
    // Every next value is written where the state is.
    expect(plan.tasks.filter(({ kernel }) => kernel.kind === 'copy')).toEqual([])
    checkPlan(plan, true)
  }
})
