import type { Program } from '../../program/types.ts'
import { outputOf } from '../../program/wants.ts'
import type { Lifetime } from './arena.ts'
import { valueKey, type DraftTask, type Value } from './draft.ts'
import { mayWriteOver } from './inPlace.ts'

/** Which values share words, and when those are needed. */
export interface Buffers {
  /** States whose next value is written where the old one was: the state by the node. */
  readonly home: ReadonlyMap<number, number>
  /** States whose next value has to be copied when all else is done. */
  readonly copies: readonly { readonly node: number; readonly state: number }[]
  /** For every other value the index of its buffer. */
  readonly bufferOf: ReadonlyMap<number, number>
  readonly lifetimes: readonly Lifetime[]
}

/** Decides for tasks, in the order in which they run, which outputs are written over what nobody reads any more. */
export function assignBuffers(
  program: Program,
  drafts: readonly DraftTask[],
  { advance, kept }: { readonly advance: boolean; readonly kept: ReadonlySet<number> },
): Buffers {
  const lastUse = new Map<string, number>()
  drafts.forEach((task, at) => {
    for (const value of task.inputs) lastUse.set(valueKey(value), at)
  })
  const home = advance ? nextValuesInPlace(program, drafts, lastUse) : new Map<number, number>()
  const copies = program.states.flatMap(({ next: node }, state) =>
    !advance || node === undefined || home.get(node) === state ? [] : [{ node, state }],
  )
  for (const node of [...kept, ...copies.map((copy) => copy.node)])
    lastUse.set(nodeKey(node), drafts.length)

  const lifetimes: Lifetime[] = []
  const bufferOf = new Map<number, number>()
  drafts.forEach((task, at) => {
    const taken = new Set<number>()
    task.outputs.forEach((node, output) => {
      if (home.has(node)) return
      const { count: words } = outputOf(program.nodes[node])
      const over = task.inputs.find((value) => {
        if (value.kind !== 'node' || lastUse.get(valueKey(value)) !== at) return false
        const buffer = bufferOf.get(value.ref)
        const { count } = outputOf(program.nodes[value.ref])
        const isFree = buffer !== undefined && !taken.has(buffer) && count === words
        return isFree && readsInOrder(task, output, value)
      })
      const last = lastUse.get(nodeKey(node)) ?? at
      const buffer = over?.kind === 'node' ? bufferOf.get(over.ref) : undefined
      if (buffer === undefined) {
        bufferOf.set(node, lifetimes.push({ words, first: at, last }) - 1)
      } else {
        taken.add(buffer)
        bufferOf.set(node, buffer)
        lifetimes[buffer] = { ...lifetimes[buffer], last }
      }
    })
  })
  return { home, copies, bufferOf, lifetimes }
}

/** The next values that may be written over the states they replace: nobody reads the old value afterwards. */
function nextValuesInPlace(
  program: Program,
  drafts: readonly DraftTask[],
  lastUse: ReadonlyMap<string, number>,
): Map<number, number> {
  const madeBy = new Map(drafts.flatMap(({ outputs }, at) => outputs.map((node) => [node, at])))
  const home = new Map<number, number>()
  program.states.forEach(({ next }, ref) => {
    const at = next === undefined ? undefined : madeBy.get(next)
    if (next === undefined || at === undefined || home.has(next)) return
    const old: Value = { kind: 'state', ref }
    const lastRead = lastUse.get(valueKey(old)) ?? -1
    const task = drafts[at]
    if (lastRead < at || (lastRead === at && readsInOrder(task, task.outputs.indexOf(next), old)))
      home.set(next, ref)
  })
  return home
}

/** Whether an output may be written over an input, wherever the kernel takes that. */
function readsInOrder(task: DraftTask, output: number, value: Value): boolean {
  const key = valueKey(value)
  return task.inputs.every(
    (input, k) => valueKey(input) !== key || mayWriteOver(task.kernel, output, k),
  )
}

const nodeKey = (ref: number): string => valueKey({ kind: 'node', ref })
