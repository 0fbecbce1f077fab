import type { Backend } from '../../src/backends/backend.ts'

/** One measured figure. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is compared with, measured in the same run in the same unit. */
  readonly peer?: string
  readonly peerValue?: number
  /** How many times as good as the peer it is: above 1 is better, whatever the unit. */
  readonly ratio?: number
  /** What `judged` is to reach. */
  readonly goal?: { readonly least: number } | { readonly most: number }
}

export interface BenchOptions {
  /** Small sizes and few repetitions: whether everything works, not how fast it is. */
  readonly quick: boolean
  /** Numbers of threads that are measured, one after another. */
  readonly threads: readonly number[]
  /** The backend that is measured, with so many threads where it computes on the processor. */
  readonly open: (threads: number) => Promise<Backend>
}

/** Rows of one subject, as they are measured. A part runs in a process of its own. */
export type Part = (options: BenchOptions) => AsyncIterable<Row> | Iterable<Row>

/** A row against a peer; `better` says whether more or less of the unit is better. */
export function against(
  row: Pick<Row, 'name' | 'value' | 'unit' | 'goal'>,
  better: 'more' | 'less',
  peer: string,
  peerValue: number,
): Row {
  const ratio = better === 'more' ? row.value / peerValue : peerValue / row.value
  return { ...row, peer, peerValue, ratio }
}

/** Whether a row reaches its goal: its ratio if it has one, else its value. Undefined where it has no goal. */
export function reached({ goal, ratio, value }: Row): boolean | undefined {
  if (goal === undefined) return undefined
  const judged = ratio ?? value
  return 'least' in goal ? judged >= goal.least : judged <= goal.most
}
