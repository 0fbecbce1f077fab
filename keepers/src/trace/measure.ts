import {
  type Backend,
  Execution,
  type Job,
  type Node,
  outputOf,
  reducedLength,
  stateRoot,
  tensorRoot,
} from '@lockstep/repops'

// What an operation takes at most where nothing like it was timed: docs/benchmarks.md, with a machine in mind that
// is half as fast.
const SLOW_SECONDS = 500e-9
const USUAL_SECONDS = 20e-9
const SLOW = new Set(['Exp', 'Log', 'Tanh', 'Erf', 'Sin', 'Cos', 'Pow', 'Philox'])
const HASHING = { kind: 'hash', secondsPerOperation: 200e-9 }

/**
 * Wall-clock seconds of a job's next step on this machine, with the roots of everything in it. It takes about
 * `capSeconds` at most, whatever the program: a node is run only if it fits what is left of them, by its cost and
 * the speed of what was run before, and is estimated where it does not.
 */
export function measureStepSeconds(
  { program, initialState: state, constants, seed }: Job,
  backend: Backend,
  capSeconds: number,
): number {
  const timer = new Timer(capSeconds)
  const timed: Backend = {
    name: backend.name,
    run(node, inputs, output, context) {
      const { op } = node
      const secondsPerOperation = SLOW.has(op) ? SLOW_SECONDS : USUAL_SECONDS
      timer.time({ kind: op, secondsPerOperation }, operationsOf(node), () => {
        backend.run(node, inputs, output, context)
      })
      timer.time(HASHING, output.count, () => tensorRoot(output))
    },
  }
  const execution = new Execution(program, timed, { state, constants, seed })
  const stateCount = state.reduce((sum, { count }) => sum + count, 0)
  let best = Infinity
  // The first times include warming up, which matters where steps are short.
  for (
    let times = 0;
    times < 5 && (times === 0 || timer.spentSeconds < Math.min(1, capSeconds));
    times++
  ) {
    timer.totalSeconds = 0
    execution.advance(() => undefined) // with an observer every node runs
    timer.time(HASHING, stateCount, () => stateRoot(execution.state))
    best = Math.min(best, timer.totalSeconds)
  }
  return best
}

/** Elements that a node computes, each reduction counted by what it reduces. */
function operationsOf(node: Node): number {
  const { form } = node
  // A scattered element is added once, wherever it belongs.
  if (node.op === 'ScatterAdd' && form.family === 'indexed')
    return form.B * form.R * (form.V + form.Q)
  return outputOf(node).count * reducedLength(node)
}

/** Does things that are expected to fit into a time, and counts what it did and did not do. */
class Timer {
  /** Of everything so far, done or expected. */
  totalSeconds = 0
  /** Of everything that was done. */
  spentSeconds = 0
  readonly #capSeconds: number
  /** The speed of the largest of each kind: small ones are mostly overhead. */
  readonly #known = new Map<string, { operations: number; secondsPerOperation: number }>()

  constructor(capSeconds: number) {
    this.#capSeconds = capSeconds
  }

  time(
    what: { readonly kind: string; readonly secondsPerOperation: number },
    operations: number,
    task: () => unknown,
  ): void {
    const known = this.#known.get(what.kind)
    const expectedSeconds = operations * (known ?? what).secondsPerOperation
    if (this.spentSeconds + expectedSeconds > this.#capSeconds) {
      this.totalSeconds += expectedSeconds
      return
    }
    const started = performance.now()
    task()
    const seconds = (performance.now() - started) / 1000
    this.spentSeconds += seconds
    this.totalSeconds += seconds
    if (operations >= (known?.operations ?? 1))
      this.#known.set(what.kind, { operations, secondsPerOperation: seconds / operations })
  }
}
