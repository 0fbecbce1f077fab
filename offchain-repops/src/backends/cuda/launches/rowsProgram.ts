import { operatorOf } from '../../../ops/index.ts'
import type { Instruction, RowsKernel } from '../../../execute/plan/types.ts'
import { pair } from '../parameters.ts'

/** Codes of cuda/kernels/rows.cuh beside those of the operators. */
const STORE = 0x60
const STORE_ROW = 0x61
const I32 = 0x80
const KEPT = 1 << 8

const Source = { nothing: 0, last: 1, value: 2, rowValue: 3, input: 4 } as const

/** A lane folds one reduction, so a phase has no more than a warp has lanes. */
const MOST_REDUCTIONS = 32

/** What an interpreter of cuda/kernels/rows.cuh runs on every row. */
export interface RowsProgram {
  /** Two words of eight bytes for each instruction. */
  readonly code: readonly bigint[]
  readonly phases: readonly Phase[]
  /** Values of elements that are alive at the same time. */
  readonly values: number
  readonly rowValues: number
}

/** Ranges of instructions. Those on the row come first; `reductions` are complete when those on elements have run. */
export interface Phase {
  readonly row: readonly [begin: number, end: number]
  readonly elements: readonly [begin: number, end: number]
  readonly reductions: readonly { readonly code: number; readonly rowValue: number }[]
}

export const isReduction = ({ op }: Instruction): boolean =>
  op === 'ReduceSum' || op === 'ReduceMax'

/** Every instruction on every element, rows laid end to end. For kernels without reductions. */
export function flatProgram({ instructions, stores }: RowsKernel): RowsProgram {
  const writer = new Writer(instructions, () => false)
  const all = instructions.map((_, i) => i)
  const { listed, values } = writer.elements([{ run: all, reduce: [] }], stores, stores)
  const end = listed[0].length
  const phase: Phase = { row: [0, 0], elements: [0, end], reductions: [] }
  return { code: listed[0].flatMap(encode), phases: [phase], values, rowValues: 0 }
}

/**
 * Passes over each row. A pass runs the instructions whose reductions earlier passes completed; all stores are in the last
 * one, so that an output may lie where an input lay. `resident`: a thread has the same elements in every pass and keeps
 * their values; otherwise each pass computes again what it needs.
 */
export function rowsProgram({ instructions, stores }: RowsKernel, resident: boolean): RowsProgram {
  const isRow = (i: number): boolean => instructions[i].perRow
  const passes = passesOf(instructions)
  const runs = instructions.map((_, i) => i)
  const onElements = runs.filter((i) => !isRow(i) || isReduction(instructions[i]))
  const last = Math.max(...onElements.map((i) => passes[i]))

  const rowInstructions = runs.filter((i) => isRow(i) && !isReduction(instructions[i]))
  const reductions = runs.filter((i) => isReduction(instructions[i]))
  const elementStores = stores.filter((i) => !isRow(i))

  const lists = Array.from({ length: last + 1 }, (_, pass) => {
    const reduce = reductions.filter((i) => passes[i] === pass)
    const own = runs.filter((i) => !isRow(i) && passes[i] === pass)
    const wanted = [...reduce, ...(pass === last ? elementStores : [])]
    return { run: resident ? own : closure(instructions, wanted, isRow), reduce }
  })

  const rowValue = new Map([...reductions, ...rowInstructions].map((i, index) => [i, index]))
  const writer = new Writer(instructions, isRow, rowValue)
  const { listed, values } = resident
    ? writer.elements(lists, elementStores, stores)
    : writer.apart(lists, elementStores, stores)

  const code: bigint[] = []
  const append = (list: readonly Encoded[]): [number, number] => {
    const begin = code.length / 2
    code.push(...list.flatMap(encode))
    return [begin, code.length / 2]
  }
  const phases = listed.map((list, pass): Phase => {
    const row = append(writer.rows(rowInstructions.filter((i) => passes[i] === pass)))
    const elements = append(list)
    return {
      row,
      elements,
      reductions: lists[pass].reduce.map((i) => ({
        code: codeOf(instructions[i]),
        rowValue: rowValue.get(i)!,
      })),
    }
  })
  const late = writer.rows(rowInstructions.filter((i) => passes[i] > last))
  const row = append([...late, ...writer.rowStores(stores)])
  phases.push({ row, elements: [row[1], row[1]], reductions: [] })
  return { code, phases, values, rowValues: rowValue.size }
}

/** The pass in which each instruction runs: after all reductions that it needs. */
function passesOf(instructions: readonly Instruction[]): number[] {
  const passes: number[] = []
  const known: number[] = [] // the first pass that can use the result
  const reductions: number[] = []
  for (const [i, instruction] of instructions.entries()) {
    let pass = 0
    for (const { kind, index } of instruction.operands)
      if (kind === 'instruction') pass = Math.max(pass, known[index])
    if (isReduction(instruction)) {
      while ((reductions[pass] ?? 0) >= MOST_REDUCTIONS) pass++
      reductions[pass] = (reductions[pass] ?? 0) + 1
    }
    passes[i] = pass
    known[i] = isReduction(instruction) ? pass + 1 : pass
  }
  return passes
}

/** Instructions on elements that some others need, in order; reductions among `wanted` need their operands only. */
function closure(
  instructions: readonly Instruction[],
  wanted: readonly number[],
  isRow: (i: number) => boolean,
): number[] {
  const needed = new Set<number>()
  const visit = (i: number): void => {
    if (needed.has(i)) return
    if (!isRow(i)) needed.add(i)
    for (const { kind, index } of instructions[i].operands)
      if (kind === 'instruction' && !isRow(index)) visit(index)
  }
  wanted.forEach(visit)
  return [...needed].sort((a, b) => a - b)
}

interface Encoded {
  readonly head: number
  readonly operands: readonly number[]
}

const encode = ({ head, operands: [a = 0, b = 0, c = 0] }: Encoded): bigint[] => [
  pair(head, a),
  pair(b, c),
]

const codeOf = ({ op, type }: Instruction): number =>
  operatorOf(op).code | (type === 'i32' ? I32 : 0)

const operand = (source: number, index: number): number => source + index * 8

interface List {
  readonly run: readonly number[]
  readonly reduce: readonly number[]
}

/** Writes instructions with places for their results. */
class Writer {
  readonly #instructions: readonly Instruction[]
  readonly #isRow: (i: number) => boolean
  readonly #rowValue: ReadonlyMap<number, number>

  constructor(
    instructions: readonly Instruction[],
    isRow: (i: number) => boolean,
    rowValue: ReadonlyMap<number, number> = new Map(),
  ) {
    this.#instructions = instructions
    this.#isRow = isRow
    this.#rowValue = rowValue
  }

  /** Instructions that run once for a row: results have places of their own. */
  rows(list: readonly number[]): Encoded[] {
    return list.map((i) => ({
      head: codeOf(this.#instructions[i]) | KEPT | (this.#rowValue.get(i)! << 16),
      operands: this.#instructions[i].operands.map(({ kind, index }) =>
        kind === 'input'
          ? operand(Source.input, index)
          : operand(Source.rowValue, this.#rowValue.get(index)!),
      ),
    }))
  }

  rowStores(stores: readonly number[]): Encoded[] {
    return stores.flatMap((i, output) =>
      this.#isRow(i)
        ? {
            head: STORE_ROW | (output << 16),
            operands: [operand(Source.rowValue, this.#rowValue.get(i)!)],
          }
        : [],
    )
  }

  /** Lists whose values share nothing. */
  apart(
    lists: readonly List[],
    stored: readonly number[],
    stores: readonly number[],
  ): { listed: Encoded[][]; values: number } {
    const each = lists.map((list, pass) =>
      this.elements([list], pass === lists.length - 1 ? stored : [], stores),
    )
    return {
      listed: each.map(({ listed }) => listed[0]),
      values: Math.max(...each.map(({ values }) => values)),
    }
  }

  /**
   * Lists that run one after the other on the same elements, the values `stored` last. A result that only the next instruction
   * reads has no place; the others take one that is free until they are read for the last time.
   */
  elements(
    lists: readonly List[],
    stored: readonly number[],
    stores: readonly number[],
  ): { listed: Encoded[][]; values: number } {
    const events = this.#events(lists, stored, stores)
    const lastUse = new Map<number, number>()
    const isKept = new Set<number>()
    const isFresh = (at: number, index: number): boolean => events[at].last === index
    events.forEach(({ reads }, at) => {
      for (const index of reads) {
        lastUse.set(index, at)
        if (!isFresh(at, index)) isKept.add(index)
      }
    })

    const place = new Map<number, number>()
    const free: number[] = []
    let values = 0
    const listed: Encoded[][] = lists.map(() => [])
    events.forEach((event, at) => {
      const { list, instruction, result, code, target } = event
      const operands = instruction.map(({ kind, index }) => {
        if (kind === 'input') return operand(Source.input, index)
        if (this.#isRow(index)) return operand(Source.rowValue, this.#rowValue.get(index)!)
        if (isFresh(at, index)) return operand(Source.last, 0)
        return operand(Source.value, place.get(index)!)
      })
      for (const index of new Set(event.reads)) {
        const used = place.get(index)
        if (lastUse.get(index) === at && used !== undefined) free.push(used)
      }
      let head = code | (target << 16)
      if (result !== undefined && isKept.has(result)) {
        const taken = free.pop() ?? values++
        place.set(result, taken)
        head = code | KEPT | (taken << 16)
      }
      listed[list].push({ head, operands })
    })
    return { listed, values }
  }

  #events(
    lists: readonly List[],
    stored: readonly number[],
    stores: readonly number[],
  ): WriterEvent[] {
    const events: WriterEvent[] = []
    const add = (
      list: number,
      instruction: Instruction['operands'],
      code: number,
      last: number | undefined,
      result: number | undefined,
      target = 0,
    ): void => {
      const reads = instruction.flatMap(({ kind, index }) =>
        kind === 'instruction' && !this.#isRow(index) ? index : [],
      )
      events.push({ list, instruction, reads, code, last, result, target })
    }
    lists.forEach(({ run, reduce }, list) => {
      let last: number | undefined // whose result is in registers: an interpreter starts each list without one
      const order = [...run, ...reduce].sort((a, b) => a - b)
      for (const i of order) {
        const instruction = this.#instructions[i]
        if (reduce.includes(i)) {
          const target = reduce.indexOf(i)
          add(list, instruction.operands, codeOf(instruction), last, undefined, target)
        } else {
          add(list, instruction.operands, codeOf(instruction), last, i)
          last = i
        }
      }
      if (list < lists.length - 1) return
      stores.forEach((i, output) => {
        if (!stored.includes(i)) return
        add(list, [{ kind: 'instruction', index: i }], STORE, last, undefined, output)
      })
    })
    return events
  }
}

/** One instruction to be written; `last` is the instruction whose result is still in registers. */
interface WriterEvent {
  readonly list: number
  readonly instruction: Instruction['operands']
  readonly reads: readonly number[]
  readonly code: number
  readonly last: number | undefined
  readonly result: number | undefined
  readonly target: number
}
