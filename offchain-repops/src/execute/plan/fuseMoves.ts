import type { Node, Program, ReduceForm } from '../../program/types.ts'
import { inputWants, outputOf } from '../../program/wants.ts'
import { type Axis, collapse, compose, cut, inverse, isPermutation, walkOf } from './axes.ts'
import { readersOf, type DraftTask, type Keeping, type Value } from './draft.ts'
import { plainWalks, stridedProduct, type ProductWalks } from './stridedProduct.ts'
import type { ColumnsKernel } from './types.ts'

/**
 * Moves that only change the order of words disappear where a kernel can read or write in that order: in the strides of
 * a matrix product, or as a reduction along another axis than the last.
 */
export function fuseMoves(
  program: Program,
  drafts: readonly DraftTask[],
  keeping: Keeping,
): DraftTask[] {
  const fusion = new MoveFusion(program, drafts, keeping)
  // The last first: of two moves one after the other, what reads the second comes to read the first.
  for (let at = drafts.length - 1; at >= 0; at--) {
    const [source] = drafts[at].inputs
    const [node] = drafts[at].outputs
    const { form } = program.nodes[node]
    const walk = form.family === 'move' && !keeping.isAlone(node) ? walkOf(form) : undefined
    if (walk === undefined) continue
    const move = { at, node, source, walk }
    if (!fusion.readThrough(move)) fusion.writeThrough(move)
  }
  return fusion.tasks.flatMap((task) => task ?? [])
}

// Bounds on what a stranger's program may cost to plan: readers of a move, and nodes of a task that takes moves in.
const MOST_READERS = 256
const MOST_NODES = 64

/** A Move that walks over its source. */
interface Walk {
  /** Where its task is. */
  readonly at: number
  readonly node: number
  readonly source: Value
  readonly walk: readonly Axis[]
}

class MoveFusion {
  /** Undefined where a task has become part of others. */
  readonly tasks: (DraftTask | undefined)[]
  readonly #program: Program
  readonly #keeping: Keeping
  readonly #readers: Map<number, number[]>
  readonly #madeAt: ReadonlyMap<number, number>
  /** Of tasks that were changed. */
  readonly #walks = new Map<number, ProductWalks>()

  constructor(program: Program, drafts: readonly DraftTask[], keeping: Keeping) {
    this.tasks = [...drafts]
    this.#program = program
    this.#keeping = keeping
    this.#readers = readersOf(drafts)
    this.#madeAt = new Map(drafts.map(({ outputs: [node] }, at) => [node, at]))
  }

  /** Lets all readers of a move read its source, if all of them can. */
  readThrough(move: Walk): boolean {
    const readers = this.#readersOf(move.node, MOST_READERS + 1)
    if (readers.length === 0 || readers.length > MOST_READERS) return false
    if (this.#keeping.needed.has(move.node)) return false
    const changes = readers.map((at) => this.#readingThrough(at, move))
    if (!changes.every((change) => change !== undefined)) return false
    for (const [i, { task, walks }] of changes.entries()) {
      this.tasks[readers[i]] = task
      this.#walks.set(readers[i], walks)
    }
    this.tasks[move.at] = undefined
    if (move.source.kind === 'node') this.#readers.get(move.source.ref)?.push(...readers)
    return true
  }

  /** Lets the product that a move reads write what the move would, if nobody else wants the product. */
  writeThrough({ at, node, source, walk }: Walk): void {
    const made = source.kind === 'node' ? this.#madeAt.get(source.ref) : undefined
    const task = made === undefined ? undefined : this.tasks[made]
    if (made === undefined || task === undefined || source.kind !== 'node') return
    const { form } = this.#program.nodes[source.ref]
    if (form.family !== 'matmul' || task.nodes.length >= MOST_NODES) return
    if (this.#keeping.needed.has(source.ref) || this.#keeping.isAlone(source.ref)) return
    if (this.#readersOf(source.ref, 2).length !== 1 || !isPermutation(walk, this.#countOf(source)))
      return
    const walks = { ...this.#walksOf(made, source.ref), out: inverse(walk) }
    const kernel = stridedProduct(form, walks)
    if (kernel === undefined) return
    this.tasks[made] = { ...task, nodes: joined(task.nodes, node), kernel, outputs: [node] }
    this.#walks.set(made, walks)
    this.tasks[at] = undefined
  }

  /** Places of the tasks that read a node's output now, `most` of them if there are more. */
  #readersOf(node: number, most: number): number[] {
    const places = new Set<number>()
    for (const at of this.#readers.get(node) ?? []) {
      if (this.tasks[at] !== undefined) places.add(at)
      if (places.size === most) break
    }
    return [...places]
  }

  /** What a reader of a move becomes when it reads the source. */
  #readingThrough(
    at: number,
    { node: move, source, walk }: Walk,
  ): { readonly task: DraftTask; readonly walks: ProductWalks } | undefined {
    const before = this.tasks[at]
    if (before === undefined || before.nodes.length >= MOST_NODES) return undefined
    const node = before.nodes.find((it) => this.#program.nodes[it].op !== 'Move')
    if (node === undefined || this.#keeping.isAlone(node)) return undefined
    const { form } = this.#program.nodes[node]
    const { operands, out } = this.#walksOf(at, node)
    const changed: (readonly Axis[])[] = []
    for (const [k, value] of before.inputs.entries()) {
      const isRead = value.kind === 'node' && value.ref === move
      const through = isRead ? compose(operands[k], walk) : operands[k]
      if (through === undefined) return undefined
      changed.push(through)
    }
    const walks = { operands: changed, out }
    const kernel =
      form.family === 'matmul'
        ? stridedProduct(form, walks)
        : form.family === 'reduce'
          ? columnsOf(this.#program.nodes[node], form, changed[0], this.#countOf(source))
          : undefined
    if (kernel === undefined) return undefined
    const inputs = before.inputs.map((value) =>
      value.kind === 'node' && value.ref === move ? source : value,
    )
    return { task: { ...before, nodes: joined(before.nodes, move), inputs, kernel }, walks }
  }

  #walksOf(at: number, node: number): ProductWalks {
    const known = this.#walks.get(at)
    if (known !== undefined) return known
    const { form } = this.#program.nodes[node]
    if (form.family === 'matmul') return plainWalks(form)
    const operands = this.#program.nodes[node].inputs.map((_, k) => [
      { extent: inputWants(this.#program.nodes[node], k).count, stride: 1 },
    ])
    return { operands, out: [] }
  }

  #countOf(value: Value): number {
    if (value.kind === 'node') return outputOf(this.#program.nodes[value.ref]).count
    if (value.kind === 'state') return this.#program.states[value.ref].count
    return value.kind === 'constant' ? this.#program.constants[value.ref].count : 1
  }
}

/** A reduction of what a walk over `count` words meets, if those are [O, K, I] and it goes along K. */
function columnsOf(
  { op, type }: Node,
  { R, K }: ReduceForm,
  walk: readonly Axis[],
  count: number,
): ColumnsKernel | undefined {
  const parts = cut(walk, [R, K])
  if (parts?.[1].length !== 1) return undefined
  const [kept, [{ stride: I }]] = parts
  const dense = [
    { extent: R / I, stride: K * I },
    { extent: I, stride: 1 },
  ]
  const [own, wanted] = [kept, collapse(dense)].map((axes) => JSON.stringify(axes))
  if (count !== R * K || own !== wanted) return undefined
  return { kind: 'columns', op: op as ColumnsKernel['op'], type, O: R / I, K, I }
}

const joined = (nodes: readonly number[], node: number): number[] =>
  [...nodes, node].sort((a, b) => a - b)
