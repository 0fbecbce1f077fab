import {
  type Corruption,
  Execution,
  type Hash,
  type Job,
  outputOf,
  reference,
  stateBefore,
  type Tensor,
} from '@lockstep/repops'
import { fail } from '../errors.ts'

/** Draws numbers from a seed: splitmix64, so that the same seed gives the same demo everywhere. */
export class Draw {
  #state: bigint

  constructor(seed: bigint) {
    this.#state = seed
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n)
    let z = this.#state
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
    return Number((z ^ (z >> 31n)) % BigInt(below))
  }
}

// A flip in a value that the step goes on to ignore (a masked attention score, say) leaves the result right.
const MOST_TRIES = 200

/**
 * Draws one bit of one element of one operator in one step whose flip changes the state after that step, so that
 * the claim is wrong. Runs the job up to the step that it draws, and that step once more for every try.
 */
export async function drawLie(job: Job, seed: bigint): Promise<Corruption> {
  const draw = new Draw(seed)
  const step = draw.below(job.steps)
  const changes = await changesOf(job, step)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const node = draw.below(job.program.nodes.length)
    const element = draw.below(outputOf(job.program.nodes[node]).count)
    const lie = { step, node, element, bit: draw.below(32) }
    if (await changes(lie)) return lie
  }
  throw new Error(
    `none of ${MOST_TRIES} flips drawn in step ${step} changes its result; take another --seed`,
  )
}

/** Throws unless the job has the place of the lie and the flip changes the result. */
export async function checkLie(job: Job, lie: Corruption): Promise<void> {
  const { step, node, element } = lie
  const { nodes } = job.program
  const counts = [
    ['step', step, job.steps],
    ['node', node, nodes.length],
    ['element', element, node < nodes.length ? outputOf(nodes[node]).count : Infinity],
  ] as const
  for (const [what, value, count] of counts) {
    if (value < count) continue
    throw bad(`there is no ${what} ${value}`, `the job has ${what} 0 to ${count - 1}`)
  }
  if (!(await (await changesOf(job, step))(lie))) {
    throw bad('this flip changes nothing in the result of its step', 'take another bit or element')
  }
}

const bad = (what: string, advice: string) => fail.badSetting({ what, where: '--cheat', advice })

/** Whether a lie told in a step changes the state after it. */
async function changesOf(job: Job, step: number): Promise<(lie: Corruption) => Promise<boolean>> {
  const before = await stateBefore(job, { backend: reference }, step, {
    step: 0,
    state: job.initialState,
  })
  const right = await rootAfter(job, before, step)
  return async (lie) => (await rootAfter(job, before, step, lie)) !== right
}

async function rootAfter(
  job: Job,
  state: readonly Tensor[],
  step: number,
  corruption?: Corruption,
): Promise<Hash> {
  const { constants, seed, program } = job
  const execution = new Execution(program, reference, { state, constants, seed, step, corruption })
  await execution.advance()
  const root = await execution.stateRoot()
  await execution.close()
  return root
}
