import type { Program } from '../../program/types.ts'
import { walkKey } from './axes.ts'
import { readersOf, valueKey, valueOf, type DraftTask, type Keeping } from './draft.ts'
import { Precedence } from './Precedence.ts'
import { joinSpaces, operandWalk, partOf, spaceOf, valueWalk, type RowSpace } from './rowSpace.ts'
import { rowsTask } from './rowsKernel.ts'

/** Bounds of a `rows` kernel that fusion makes; a node alone may have more. */
export const MAX_INSTRUCTIONS = 64
export const MAX_INPUTS = 24

// Tasks that are looked at together: what precedes what is kept as a bit for each pair of them.
const WINDOW = 4096

/**
 * Element-wise operators and reductions over the same rows become one task: they are joined where one reads what
 * another makes, or both read the same tensor, as long as no value leaves the task and comes back.
 */
export function fuseRows(
  program: Program,
  drafts: readonly DraftTask[],
  keeping: Keeping,
): DraftTask[] {
  const readers = readersOf(drafts)
  const fused: DraftTask[] = []
  for (let from = 0; from < drafts.length; from += WINDOW) {
    const window = new Window(program, drafts, from, readers, keeping)
    window.joinProducersAndReaders()
    window.joinSiblings()
    fused.push(...window.tasks())
  }
  return fused
}

/** Tasks that become one. */
interface Group {
  /** None of a task that is not for a `rows` kernel, and stays as it is. */
  readonly space: RowSpace | undefined
  /** In program order. */
  readonly nodes: readonly number[]
  /** Places of its tasks. */
  readonly places: readonly number[]
}

/** How a node reads its operands in a space with rows of a length. */
interface Reads {
  readonly row: number | undefined
  /** Keys of walks. */
  readonly walks: readonly string[]
  /** Keys of values and walks: equal ones are one input of a kernel. */
  readonly inputs: readonly string[]
}

class Window {
  readonly #program: Program
  readonly #drafts: readonly DraftTask[]
  readonly #from: number
  readonly #to: number
  readonly #readers: ReadonlyMap<number, readonly number[]>
  readonly #keeping: Keeping
  readonly #precedence: Precedence
  /** By number: at first the place of the group's task, counted from the window's first. */
  readonly #groups = new Map<number, Group>()
  /** Number of each task's group, by place. */
  readonly #groupAt = new Map<number, number>()
  readonly #madeAt = new Map<number, number>()
  readonly #reads = new Map<number, Reads>()

  constructor(
    program: Program,
    drafts: readonly DraftTask[],
    from: number,
    readers: ReadonlyMap<number, readonly number[]>,
    keeping: Keeping,
  ) {
    this.#program = program
    this.#drafts = drafts
    this.#from = from
    this.#to = Math.min(drafts.length, from + WINDOW)
    this.#readers = readers
    this.#keeping = keeping
    this.#precedence = new Precedence(this.#to - from)
  }

  /** Takes one task after the other and joins it to those whose outputs it reads, the latest first. */
  joinProducersAndReaders(): void {
    for (let place = this.#from; place < this.#to; place++) {
      const producers = this.#producersOf(place)
      const group = this.#precedence.add(producers)
      const { nodes, outputs } = this.#drafts[place]
      this.#groups.set(group, { space: this.#spaceOf(place), nodes, places: [place] })
      this.#groupAt.set(place, group)
      for (const node of outputs) this.#madeAt.set(node, place)
      let joint = group
      for (const producer of producers.sort((a, b) => b - a)) joint = this.#tryJoin(producer, joint)
    }
  }

  /** Joins groups that read the same tensor, element by element. */
  joinSiblings(): void {
    const readers = new Map<string, number[]>()
    for (const [number, { space, nodes }] of this.#groups) {
      if (space === undefined) continue
      const dense = ` ${walkKey(valueWalk('element', space))}`
      for (const key of this.#inputsOf(nodes, space))
        if (key.endsWith(dense)) {
          const known = readers.get(key)
          if (known === undefined) readers.set(key, [number])
          else known.push(number)
        }
    }
    for (const numbers of readers.values()) {
      const [first, ...others] = new Set(numbers.map((number) => this.#current(number)))
      let joint = first
      for (const other of others) joint = this.#tryJoin(joint, this.#current(other))
    }
  }

  /** The tasks after fusion, each behind what it reads. */
  tasks(): DraftTask[] {
    const ordered: DraftTask[] = []
    const done = new Set<number>()
    const emit = (number: number): void => {
      if (done.has(number)) return
      done.add(number)
      const group = this.#group(number)
      for (const place of group.places)
        for (const producer of this.#producersOf(place)) emit(producer)
      ordered.push(this.#taskOf(group))
    }
    const last = ({ nodes }: Group): number => nodes[nodes.length - 1]
    const numbers = [...this.#groups.keys()]
    numbers.sort((a, b) => last(this.#group(a)) - last(this.#group(b))).forEach(emit)
    return ordered
  }

  #taskOf({ space, nodes, places }: Group): DraftTask {
    if (places.length === 1 || space === undefined) return this.#drafts[places[0]]
    const own = new Set(places)
    const stored = nodes.filter(
      (node) =>
        this.#keeping.needed.has(node) ||
        this.#readers.get(node)?.some((place) => !own.has(place)) === true,
    )
    return rowsTask(this.#program, nodes, stored, space)
  }

  /** Joins two groups if they can be one kernel, and returns the number of what the second has become. */
  #tryJoin(a: number, b: number): number {
    const [one, other] = [this.#group(a), this.#group(b)]
    if (a === b || one.space === undefined || other.space === undefined) return b
    if (one.nodes.length + other.nodes.length > MAX_INSTRUCTIONS) return b
    const space = joinSpaces(one.space, other.space)
    if (space === undefined || !this.#precedence.canJoin(a, b)) return b
    const nodes = [...one.nodes, ...other.nodes].sort((x, y) => x - y)
    if (!this.#fitsInside(nodes, space)) return b
    if (this.#inputsOf(nodes, space).size > MAX_INPUTS) return b
    this.#precedence.join(a, b)
    const places = [...one.places, ...other.places]
    this.#groups.set(a, { space, nodes, places })
    this.#groups.delete(b)
    for (const place of other.places) this.#groupAt.set(place, a)
    return a
  }

  /** Whether all that the nodes read of each other has the shape of an instruction's value. */
  #fitsInside(nodes: readonly number[], space: RowSpace): boolean {
    const { nodes: all } = this.#program
    const inside = new Set(nodes)
    const perElement = walkKey(valueWalk('element', space))
    const perRow = walkKey(valueWalk('row', space))
    return nodes.every((index) =>
      all[index].inputs.every((input, k) => {
        if (input.kind !== 'node' || !inside.has(input.ref)) return true
        const made = partOf(all[input.ref], space) === 'element' ? perElement : perRow
        return this.#readsOf(index, space).walks[k] === made
      }),
    )
  }

  /** What a kernel of the nodes would read from memory. */
  #inputsOf(nodes: readonly number[], space: RowSpace): Set<string> {
    const inside = new Set(nodes)
    const keys = new Set<string>()
    for (const index of nodes) {
      const { inputs } = this.#readsOf(index, space)
      this.#program.nodes[index].inputs.forEach((input, k) => {
        if (input.kind !== 'node' || !inside.has(input.ref)) keys.add(inputs[k])
      })
    }
    return keys
  }

  #readsOf(index: number, space: RowSpace): Reads {
    const node = this.#program.nodes[index]
    const row = partOf(node, space) === 'row' ? space.row : undefined
    const known = this.#reads.get(index)
    if (known !== undefined && known.row === row) return known
    const walks = node.inputs.map((_, k) => walkKey(operandWalk(node, k, space)))
    const inputs = walks.map((walk, k) => `${valueKey(valueOf(node, k))} ${walk}`)
    const reads = { row, walks, inputs }
    this.#reads.set(index, reads)
    return reads
  }

  /** Groups of this window whose outputs a task reads. */
  #producersOf(place: number): number[] {
    const groups = new Set<number>()
    for (const value of this.#drafts[place].inputs) {
      const made = value.kind === 'node' ? this.#madeAt.get(value.ref) : undefined
      if (made !== undefined) groups.add(this.#current(made - this.#from))
    }
    return [...groups]
  }

  #spaceOf(place: number): RowSpace | undefined {
    const { nodes, kernel } = this.#drafts[place]
    if (nodes.length > 1 || kernel.kind !== 'rows' || this.#keeping.isAlone(nodes[0]))
      return undefined
    return spaceOf(this.#program.nodes[nodes[0]])
  }

  /** What a group has become part of; groups are numbered by their first tasks. */
  #current(number: number): number {
    return this.#groupAt.get(number + this.#from) ?? number
  }

  #group(number: number): Group {
    const group = this.#groups.get(number)
    if (group === undefined) throw new Error(`group ${number} is part of another`)
    return group
  }
}
