import type { Backend, Executable, StepContext } from '../backends/backend.ts'
import type { Hash } from '../commit/hash.ts'
import { MerkleTree } from '../commit/merkle.ts'
import type { Program } from '../program/types.ts'
import { Tensor } from '../tensor.ts'
import { agreeWithEntries } from './agreeWithEntries.ts'
import { checkCorruption } from './checkCorruption.ts'
import { fittingPlan, type PlanningOptions } from './fittingPlan.ts'
import type { PlanRequest, StepPlan } from './plan/planStep.ts'

/** What a run of a program needs beside the program itself. */
export interface ExecutionInputs extends PlanningOptions {
  /** The state before `step`. Tensors are read when the first step is run, and never written. */
  readonly state: readonly Tensor[]
  readonly constants: readonly Tensor[]
  readonly seed: bigint
  /** Number of the first step that is run; 0 by default. */
  readonly step?: number
}

/** A state while its tensors are where they were computed. */
export interface CurrentState {
  /** Steps that are done. */
  readonly step: number
  /** Copies all tensors. */
  state(): Promise<Tensor[]>
  /** Copies one tensor. */
  stateTensor(index: number): Promise<Tensor>
  stateRoot(): Promise<Hash>
}

/**
 * A program in the middle of its run on a backend, step by step. One call at a time: each is waited for before the
 * next. After a call that rejects only `close` is of use.
 */
export class Execution implements CurrentState {
  readonly program: Program
  readonly #backend: Backend
  readonly #inputs: Omit<ExecutionInputs, 'state'>
  #step: number
  /** The state while nothing holds it. */
  #state: readonly Tensor[] | undefined
  #ready:
    | { readonly commit: boolean; readonly plan: StepPlan; readonly executable: Executable }
    | undefined

  constructor(program: Program, backend: Backend, inputs: ExecutionInputs) {
    agreeWithEntries('state', program.states, inputs.state)
    agreeWithEntries('constant', program.constants, inputs.constants)
    checkCorruption(program, inputs.corruption)
    this.program = program
    this.#backend = backend
    const { state, ...others } = inputs
    this.#inputs = others
    this.#state = state // let go of as soon as the backend has it
    this.#step = inputs.step ?? 0
  }

  /** Number of the step that `advance` runs next. */
  get step(): number {
    return this.#step
  }

  async state(): Promise<Tensor[]> {
    return Promise.all(this.program.states.map((_, index) => this.stateTensor(index)))
  }

  async stateTensor(index: number): Promise<Tensor> {
    const words = this.#state?.[index].words.slice() ?? (await this.#stateWords(index))
    return new Tensor(this.program.states[index].type, words)
  }

  /** A state's words where it lies in this process, else a copy. */
  async #stateWords(index: number): Promise<Int32Array> {
    const words = this.#state?.[index].words ?? (await this.#ready?.executable.read(index))
    if (words === undefined) throw new Error('the execution is closed')
    return words
  }

  async stateRoot(): Promise<Hash> {
    const { executable } = this.#ready ?? (await this.#prepare(false))
    return new MerkleTree(await executable.roots(this.program.states.map((_, i) => i))).root
  }

  /** Runs the nodes that the next state depends on. */
  async advance(): Promise<void> {
    await this.#advance(false)
  }

  /** Runs all nodes of a step and returns the tensor roots of their outputs, 32 bytes each, in order. */
  async advanceCommitting(): Promise<Uint8Array> {
    return this.#advance(true)
  }

  async #advance(commit: boolean): Promise<Uint8Array> {
    const { plan, executable } = await this.#prepare(commit)
    const roots = await this.#run(plan, executable)
    this.#step += 1
    return roots
  }

  /**
   * Outputs of some nodes in the step that `advance` would run next, without running it. Nothing is fused: a plan for
   * one run would cost more than it saves.
   */
  async outputs(wanted: Iterable<number>): Promise<Map<number, Tensor>> {
    const { plan, executable } = await this.#compile(
      { advance: false, kept: wanted, fuse: false },
      (index) => this.#stateWords(index),
    )
    try {
      await this.#run(plan, executable)
      const found = new Map<number, Tensor>()
      for (const [node, slot] of plan.kept)
        found.set(node, new Tensor(plan.slots[slot].type, await executable.read(slot)))
      return found
    } finally {
      await executable.close()
    }
  }

  /** Gives the backend's memory back. */
  async close(): Promise<void> {
    const { executable } = this.#ready ?? {}
    this.#ready = undefined
    this.#state = undefined
    await executable?.close()
  }

  /** What runs the next step, with the state in it. */
  async #prepare(commit: boolean): Promise<{ plan: StepPlan; executable: Executable }> {
    if (this.#ready?.commit === commit) return this.#ready
    const state = this.#state ?? (await this.state())
    await this.close()
    this.#ready = {
      commit,
      ...(await this.#compile({ advance: true, commit }, (index) => state[index].words)),
    }
    return this.#ready
  }

  async #compile(
    request: PlanRequest,
    stateWords: (index: number) => Int32Array | Promise<Int32Array>,
  ): Promise<{ plan: StepPlan; executable: Executable }> {
    const { constants } = this.#inputs
    const { plan, slotOf } = await fittingPlan(this.program, this.#backend, request, this.#inputs)
    const executable = await this.#backend.compile(plan)
    try {
      const { states } = this.program
      for (const [slot, own] of slotOf) {
        if (slot < states.length) await executable.write(own, await stateWords(slot))
        else if (slot < states.length + constants.length)
          await executable.write(own, constants[slot - states.length].words)
      }
    } catch (error) {
      await executable.close()
      throw error
    }
    return { plan, executable }
  }

  async #run({ tasks }: StepPlan, executable: Executable): Promise<Uint8Array> {
    const context: StepContext = { step: this.#step, seed: this.#inputs.seed }
    const { corruption } = this.#inputs
    const bent = corruption?.step === this.#step ? corruption : undefined
    const at = bent === undefined ? -1 : tasks.findIndex(({ nodes }) => nodes.includes(bent.node))
    if (bent === undefined || at < 0) return executable.run(0, tasks.length, context)
    const before = await executable.run(0, at, context)
    await executable.run(at, at + 1, context)
    const [slot] = tasks[at].outputs
    const words = await executable.read(slot)
    words[bent.element] ^= 1 << bent.bit
    await executable.write(slot, words)
    const own = tasks[at].commit ? await executable.roots([slot]) : new Uint8Array()
    return Buffer.concat([before, own, await executable.run(at + 1, tasks.length, context)])
  }
}
