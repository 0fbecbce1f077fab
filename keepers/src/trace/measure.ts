import {
  type Backend,
  type Job,
  type Node,
  outputOf,
  type Planner,
  planStep,
  reducedLength,
} from '@lockstep/repops'

// What an operation takes at most where nothing like it was timed: docs/benchmarks.md, with a machine in mind that
// is half as fast.
const SLOW_SECONDS = 500e-9
const USUAL_SECONDS = 20e-9
const HASHING_SECONDS = 200e-9
const SLOW = new Set(['Exp', 'Log', 'Tanh', 'Erf', 'Sin', 'Cos', 'Pow', 'Philox'])

/**
 * Wall-clock seconds of a job's next step on this machine, with the roots of everything in it. It takes about
 * `capSeconds` at most, whatever the program: a node is run only if it fits what is left of them, by its cost and
 * the speed of what was run before, and is estimated where it does not.
 */
export async function measureStepSeconds(
  { program, initialState, constants, seed }: Job,
  backend: Backend,
  capSeconds: number,
  make: Planner = planStep,
): Promise<number> {
  const plan = await make(program, { advance: true, commit: true })
  const executable = await backend.compile(plan)
  const context = { step: 0, seed }
  const states = initialState.map((_, slot) => slot)
  const stateSeconds = HASHING_SECONDS * initialState.reduce((sum, { count }) => sum + count, 0)
  const timer = new Timer(capSeconds)
  let best = Infinity
  try {
    for (const [slot, { words }] of [...initialState, ...constants].entries())
      await executable.write(slot, words)
    // The first times include warming up, which matters where steps are short.
    for (
      let times = 0;
      times < 5 && (times === 0 || timer.spentSeconds < Math.min(1, capSeconds));
      times++
    ) {
      timer.totalSeconds = 0
      for (const [index, { nodes, outputs }] of plan.tasks.entries()) {
        const node = nodes.length === 0 ? undefined : program.nodes[nodes[0]]
        const hashedSeconds = HASHING_SECONDS * plan.slots[outputs[0]].count
        const seconds = hashedSeconds + (node === undefined ? 0 : computingSeconds(node))
        const run = () => executable.run(index, index + 1, context)
        await timer.time({ kind: node?.op ?? 'copy', seconds }, run)
      }
      await timer.time({ kind: 'state', seconds: stateSeconds }, () => executable.roots(states))
      best = Math.min(best, timer.totalSeconds)
    }
  } finally {
    await executable.close()
  }
  return best
}

/** What a node may take at most, by the elements that it computes, each reduction counted by what it reduces. */
function computingSeconds(node: Node): number {
  const { form } = node
  const isScatter = node.op === 'ScatterAdd' && form.family === 'indexed'
  // A scattered element is added once, wherever it belongs.
  const operations = isScatter
    ? form.B * form.R * (form.V + form.Q)
    : outputOf(node).count * reducedLength(node)
  return operations * (SLOW.has(node.op) ? SLOW_SECONDS : USUAL_SECONDS)
}

/** Does things that are expected to fit into a time, and counts what it did and did not do. */
class Timer {
  /** Of everything so far, done or expected. */
  totalSeconds = 0
  /** Of everything that was done. */
  spentSeconds = 0
  readonly #capSeconds: number
  /** What the largest of each kind took of what it might: small ones are mostly overhead. */
  readonly #known = new Map<string, { seconds: number; share: number }>()

  constructor(capSeconds: number) {
    this.#capSeconds = capSeconds
  }

  /** `seconds`: what the task takes at most where nothing of its kind was timed. */
  async time(
    { kind, seconds: mostSeconds }: { readonly kind: string; readonly seconds: number },
    task: () => Promise<unknown>,
  ): Promise<void> {
    const known = this.#known.get(kind)
    const expectedSeconds = mostSeconds * (known?.share ?? 1)
    if (this.spentSeconds + expectedSeconds > this.#capSeconds) {
      this.totalSeconds += expectedSeconds
      return
    }
    const started = performance.now()
    await task()
    const seconds = (performance.now() - started) / 1000
    this.spentSeconds += seconds
    this.totalSeconds += seconds
    if (mostSeconds >= (known?.seconds ?? 0))
      this.#known.set(kind, { seconds: mostSeconds, share: seconds / mostSeconds })
  }
}
