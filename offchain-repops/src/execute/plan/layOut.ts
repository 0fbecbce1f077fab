import type { Program } from '../../program/types.ts'
import { outputOf } from '../../program/wants.ts'
import { placeInArena } from './arena.ts'
import { assignBuffers } from './buffers.ts'
import { valueKey, type DraftTask, type Value } from './draft.ts'
import type { StepPlan } from './planStep.ts'
import type { Place, Slot, Task } from './types.ts'

/** Gives every value of some tasks, in the order in which they run, its place. */
export function layOut(
  program: Program,
  drafts: readonly DraftTask[],
  options: {
    readonly advance: boolean
    readonly commit: boolean
    readonly kept: ReadonlySet<number>
  },
): StepPlan {
  const { home, copies, bufferOf, lifetimes } = assignBuffers(program, drafts, options)
  const { offsets, words } = placeInArena(lifetimes)
  const slots: Slot[] = [
    ...program.states.map(({ type, count }, ref) => slot(type, count, { kind: 'state', ref })),
    ...program.constants.map(({ type, count }, ref) =>
      slot(type, count, { kind: 'constant', ref }),
    ),
  ]
  const known = new Map<string, number>()

  function slotOf(value: Value): number {
    if (value.kind === 'state') return value.ref
    if (value.kind === 'constant') return program.states.length + value.ref
    const state = value.kind === 'node' ? home.get(value.ref) : undefined
    if (state !== undefined) return state
    const key = valueKey(value)
    const found = known.get(key) ?? slots.push(newSlot(value)) - 1
    known.set(key, found)
    return found
  }

  function newSlot(value: Exclude<Value, { kind: 'state' | 'constant' }>): Slot {
    if (value.kind === 'step') return slot('i32', 1, { kind: 'step' })
    if (value.kind === 'immediate')
      return slot(value.type, 1, { kind: 'immediate', bits: value.bits })
    const { type, count } = outputOf(program.nodes[value.ref])
    const buffer = bufferOf.get(value.ref)
    if (buffer === undefined) throw new Error(`node ${value.ref} is read and never computed`)
    return slot(type, count, { kind: 'arena', offset: offsets[buffer] })
  }

  const nodeSlot = (ref: number): number => slotOf({ kind: 'node', ref })
  const computing = drafts.map(
    ({ nodes, kernel, inputs, outputs }): Task => ({
      nodes,
      kernel,
      inputs: inputs.map(slotOf),
      outputs: outputs.map(nodeSlot),
      commit: options.commit,
    }),
  )
  const copying = copies.map(
    ({ node, state }): Task => ({
      nodes: [],
      kernel: { kind: 'copy', count: program.states[state].count },
      inputs: [nodeSlot(node)],
      outputs: [state],
      commit: false,
    }),
  )
  const kept = new Map([...options.kept].map((node) => [node, nodeSlot(node)]))
  return { program, slots, arenaWords: words, tasks: [...computing, ...copying], kept }
}

const slot = (type: Slot['type'], count: number, place: Place): Slot => ({ type, count, place })
