import type { Plan } from '../execute/plan/types.ts'
import type { Node } from '../program/types.ts'

/** What kernels may know beside their inputs. */
export interface StepContext {
  readonly step: number
  readonly seed: bigint
}

/** Memory that is taken for a plan. */
export interface MemoryNeed {
  /** What lies there, for messages. */
  readonly what: string
  readonly bytes: number
  /** How many bytes there are of it, where it is memory of its own kind; undefined where it is the machine's. */
  readonly roomBytes?: number
}

/** Runs plans. Which kernels of it are right is shown by the vectors: backends/conformance.ts. */
export interface Backend {
  readonly name: string
  /** Whether it wants tasks of several nodes; the reference does not. */
  readonly fuses: boolean
  /** Nodes that have to be tasks of their own, where there are such. */
  readonly isolates?: (node: Node) => boolean
  /** What `compile` would take, asked before anything is taken; at most, where it is not known. */
  needs(plan: Plan): readonly MemoryNeed[]
  /** Makes a plan ready to run; all memory that running needs is taken here. */
  compile(plan: Plan): Promise<Executable>
  /** Gives back what it holds beside its executables, which have to be closed before; closing again does nothing. */
  close(): Promise<void>
}

/** A plan with its memory. One call at a time; a call that rejects leaves nothing running. */
export interface Executable {
  /**
   * Runs the tasks from … to−1 in order. Returns the tensor roots (32 bytes each, in order) of the tasks that
   * commit.
   */
  run(from: number, to: number, context: StepContext): Promise<Uint8Array>
  /** Copies a slot's words out. */
  read(slot: number): Promise<Int32Array>
  /** Copies words into a slot of the arena, a state or a constant. */
  write(slot: number, words: Int32Array): Promise<void>
  /** Tensor roots of slots (32 bytes each, in order), hashed where the slots are. */
  roots(slots: readonly number[]): Promise<Uint8Array>
  /** Gives the memory back. */
  close(): Promise<void>
}
