import {
  type PlanRequest,
  planStep,
  type Program,
  type Slot,
  type StepPlan,
  type Task,
} from '@lockstep/repops'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Answer, Question } from './plan-worker.ts'

// So large a program is planned where it is: it takes a few milliseconds, and a message takes as long.
const SMALL_NODES = 100
// Nodes, slots or tasks in a message: telling and reading one takes some milliseconds.
const PIECE = 500
// A thread takes memory: one that has had nothing to do for so long ends.
const IDLE_MS = 10_000

/**
 * Plans steps in a thread of its own, since a plan takes up to 0.2 ms a node and the event loop has clocks to answer.
 * Plans of whole steps are kept for as long as their programs.
 */
export class Planner {
  readonly #known = new WeakMap<Program, Map<string, Promise<StepPlan>>>()
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** `planStep`, elsewhere. */
  readonly plan = (program: Program, request: PlanRequest): StepPlan | Promise<StepPlan> => {
    if (request.kept !== undefined) return this.#make(program, request, [])
    const { advance, commit = false, fuse = false, isAlone = () => false } = request
    const alone = program.nodes.flatMap((_, node) => (isAlone(node) ? node : []))
    const key = JSON.stringify([advance, commit, fuse, alone])
    const plans = this.#known.get(program) ?? new Map<string, Promise<StepPlan>>()
    this.#known.set(program, plans)
    const known = plans.get(key)
    if (known !== undefined) return known
    const made = Promise.resolve(this.#make(program, request, alone))
    plans.set(key, made)
    made.catch(() => plans.delete(key))
    return made
  }

  #make(
    program: Program,
    request: PlanRequest,
    alone: readonly number[],
  ): StepPlan | Promise<StepPlan> {
    if (program.nodes.length <= SMALL_NODES) return planStep(program, request)
    const made = this.#last.then(() => this.#ask(program, request, alone))
    this.#last = made.catch(() => undefined)
    return made
  }

  async #ask(
    program: Program,
    { advance, commit = false, fuse = false, kept = [] }: PlanRequest,
    alone: readonly number[],
  ): Promise<StepPlan> {
    clearTimeout(this.#idle)
    const worker = (this.#worker ??= this.#start())
    worker.ref()
    try {
      const { nodes, ...entries } = program
      for (let at = 0; at < nodes.length; at += PIECE)
        await exchange(worker, { nodes: nodes.slice(at, at + PIECE) })
      const request = { advance, commit, fuse, kept: [...kept], alone }
      const whole = await exchange(worker, { plan: request, entries })
      const slots: Slot[] = []
      const tasks: Task[] = []
      for (let from = 0; from < (whole.length ?? 0); from += PIECE) {
        const piece = await exchange(worker, { from, to: from + PIECE })
        slots.push(...(piece.slots ?? []))
        tasks.push(...(piece.tasks ?? []))
      }
      await nextTurn() // whoever waits has work of its own for this one
      return {
        program,
        slots,
        tasks,
        arenaWords: whole.arenaWords ?? 0,
        kept: whole.kept ?? new Map<number, number>(),
      }
    } catch (error) {
      // It may have been told a part of a program.
      if (this.#worker === worker) this.#worker = undefined
      void worker.terminate()
      throw error
    } finally {
      worker.unref()
      this.#idle = setTimeout(() => {
        void this.#worker?.terminate()
        this.#worker = undefined
      }, IDLE_MS).unref()
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('../../bin/planner.mjs', import.meta.url), { execArgv: [] })
    // Whoever waits for an answer is told: `exchange`.
    worker.on('error', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}

/** One question and its answer; rejects where there is none, or a problem. */
function exchange(
  worker: Worker,
  question: Question,
): Promise<Exclude<Answer, { readonly problem: string }>> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      worker.off('message', onAnswer).off('error', onError).off('exit', onExit)
      act()
    }
    const onAnswer = (answer: Answer): void => {
      end(() => {
        if ('problem' in answer) reject(new Error(`a step could not be planned: ${answer.problem}`))
        else resolve(answer)
      })
    }
    const onError = (error: unknown): void => {
      end(() => {
        reject(new Error('the thread that plans steps failed', { cause: error }))
      })
    }
    const onExit = (code: number): void => {
      end(() => {
        reject(new Error(`the thread that plans steps ended with ${code}`))
      })
    }
    worker.on('message', onAnswer).on('error', onError).on('exit', onExit)
    worker.postMessage(question)
  })
}
