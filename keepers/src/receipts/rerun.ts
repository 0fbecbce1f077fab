import { type Planner as Plan, processMemoryBytes } from '@lockstep/repops'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '../errors.ts'
import { holdLock } from '../files/lock.ts'
import type { Log } from '../log.ts'
import { createProgress } from '../progress.ts'
import { FolderStore } from '../store/folder.ts'
import type { Mirror } from '../store/mirror.ts'
import type { Engine } from '../trace/engine.ts'
import { Trace } from '../trace/trace.ts'
import { fetchWork } from '../trace/work.ts'
import type { Receipt } from './receipt.ts'
import { computationId } from './sign.ts'

/**
 * Runs what a receipt says was computed and gives the complete trace to `look`. All that it fetches and keeps meanwhile
 * is in `folder`, one folder for each computation and backend, and removed at the end: a run that was stopped goes on
 * there, and one that was looked at is made anew the next time.
 *
 * @param mirror where the artifacts are found
 */
export async function rerun<T>(
  receipt: Receipt,
  mirror: Mirror,
  options: {
    readonly engine: Engine
    readonly folder: string
    readonly maxJobBytes: number
    readonly maxJobNodes: number
    readonly plan?: Plan
    readonly signal?: AbortSignal
    /** Of the command that waits for it. */
    readonly log?: Log
  },
  look: (trace: Trace) => Promise<T>,
): Promise<T> {
  const { computation, program } = receipt
  const { engine, maxJobBytes, maxJobNodes, plan, signal, log } = options
  const id = computationId(computation)
  if (computation.nodes > maxJobNodes) {
    throw fail.tooLarge({
      what: `the program has ${computation.nodes} nodes, at most ${maxJobNodes} are allowed`,
      where: `computation ${id}`,
      advice: 'raise --max-job-nodes if this machine may spend the time',
    })
  }
  const folder = join(options.folder, `${id}-${engine.name}`)
  const release = holdLock(`${folder}.lock`, 'this run')
  try {
    const own = mirror.into(new FolderStore(join(folder, 'store')))
    const work = await fetchWork(own, id, program, computation, maxJobBytes)
    const running = {
      engine,
      memoryBytes: Math.min(maxJobBytes, processMemoryBytes()),
      ...(plan === undefined ? {} : { plan }),
    }
    const trace = new Trace(work, own, running, folder)
    await trace.checkMemory()
    const { steps } = trace.job
    const progress = createProgress(`running ${id.slice(0, 10)}`, steps, {
      done: trace.stepsDone,
      log,
    })
    try {
      const onStep = ({ step }: { readonly step: number }): void => {
        progress.update(step)
      }
      await trace.run(onStep, () => Promise.resolve(signal?.aborted === true))
    } finally {
      progress.stop()
    }
    if (!trace.isComplete) {
      throw fail.stopped({
        what: `stopped after step ${trace.stepsDone} of ${steps}`,
        where: folder,
        advice: 'the same command goes on there; remove the folder if it is not wanted',
      })
    }
    const result = await look(trace)
    rmSync(folder, { recursive: true, force: true })
    return result
  } finally {
    release()
  }
}
