import { along, type Value } from '../../build/Value.ts'
import { product } from '../../program/wants.ts'
import type { Call } from '../Call.ts'
import { transpose } from '../places.ts'

/** A value whose axes have labels, each a different one. */
interface Labelled {
  readonly value: Value
  readonly labels: readonly string[]
}

/**
 * Einstein summation: operands are multiplied from the first to the last, each pair as one matrix product over
 * the labels that nothing later needs.
 */
export function einsum(call: Call): Value {
  const values = call.operands.map((_, i) => call.floatValue(i))
  const { inputs, output } = parse(call, call.text('equation'), values)
  let joined = diagonal(values[0], inputs[0])
  const needed = (from: number): Set<string> => new Set([...output, ...inputs.slice(from).flat()])
  for (let i = 1; i < values.length; i++)
    joined = contract(joined, diagonal(values[i], inputs[i]), needed(i + 1))
  const last = sumOut(joined, new Set(output))
  return transpose(
    last.value,
    output.map((label) => last.labels.indexOf(label)),
  )
}

/** Labels of every operand and of the result; those that an ellipsis stands for are '.0', '.1', … */
function parse(
  call: Call,
  equation: string,
  values: readonly Value[],
): { inputs: string[][]; output: string[] } {
  const [left, right] = equation.replaceAll(' ', '').split('->') as [string, string?]
  const terms = left.split(',')
  if (
    terms.length !== values.length ||
    !/^[a-zA-Z.,]*(->[a-zA-Z.]*)?$/.test(equation.replaceAll(' ', ''))
  )
    call.malformed(`the equation ${JSON.stringify(equation)} for ${values.length} operands`)
  let dots = 0
  const letters = (term: string): string[] => Array.from(term.replace('...', ''))
  terms.forEach((term, i) => {
    if (term.includes('...')) dots = Math.max(dots, values[i].rank - letters(term).length)
  })
  const expand = (term: string, rank?: number): string[] => {
    const at = term.indexOf('...')
    if (at < 0) return Array.from(term)
    const count = rank === undefined ? dots : rank - letters(term).length
    // Operands may have fewer of these axes: they are aligned at the last.
    const ellipsis = Array.from({ length: Math.max(0, count) }, (_, i) => `.${dots - count + i}`)
    return [...Array.from(term.slice(0, at)), ...ellipsis, ...Array.from(term.slice(at + 3))]
  }
  const inputs = terms.map((term, i) => expand(term, values[i].rank))
  inputs.forEach((labels, i) => {
    if (labels.length !== values[i].rank || labels.includes('.'))
      call.malformed(
        `${JSON.stringify(terms[i])} does not label the ${values[i].rank} axes of operand ${i}`,
      )
  })
  const all = inputs.flat()
  const once = [...new Set(all)].filter(
    (label) => /[a-zA-Z]/.test(label) && all.filter((it) => it === label).length === 1,
  )
  const output =
    right === undefined ? [...expand(dots > 0 ? '...' : ''), ...once.sort()] : expand(right)
  if (output.some((label) => !all.includes(label)) || new Set(output).size !== output.length)
    call.malformed(`the result of ${JSON.stringify(equation)}`)
  return { inputs, output }
}

/** A label that occurs twice takes the diagonal of its axes. */
function diagonal(value: Value, labels: readonly string[]): Labelled {
  const different = [...new Set(labels)]
  if (different.length === labels.length) return { value, labels }
  const shape = different.map((label) => value.shape[labels.indexOf(label)])
  return {
    value: value.move(
      shape,
      labels.map((label) => along(different.indexOf(label))),
    ),
    labels: different,
  }
}

function sumOut({ value, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (needed.has(label) ? [] : axis))
  return { value: value.sum(axes), labels: labels.filter((label) => needed.has(label)) }
}

/** The product of two over the labels that both have and nothing needs. */
function contract(a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const [left, right] = [
    sumOut(a, new Set([...needed, ...b.labels])),
    sumOut(b, new Set([...needed, ...a.labels])),
  ]
  const shared = left.labels.filter((label) => right.labels.includes(label))
  const dimOf = (label: string): number => {
    const dims = [left, right].flatMap(({ value, labels }) => {
      const axis = labels.indexOf(label)
      return axis < 0 ? [] : value.shape[axis]
    })
    return Math.max(...dims)
  }
  const batch = shared.filter((label) => needed.has(label))
  const inner = shared.filter((label) => !needed.has(label))
  const rows = left.labels.filter((label) => !shared.includes(label))
  const columns = right.labels.filter((label) => !shared.includes(label))
  const size = (labels: readonly string[]): number => product(labels.map(dimOf))
  const asMatrix = ({ value, labels }: Labelled, own: readonly string[]): Value => {
    const order = [...batch, ...own, ...inner]
    const placed = transpose(
      value,
      order.map((label) => labels.indexOf(label)),
    )
    // Axes of one element broadcast.
    return placed.expand(order.map(dimOf)).reshape([size(batch), size(own), size(inner)])
  }
  const value = asMatrix(left, rows).matmulT(asMatrix(right, columns))
  const labels = [...batch, ...rows, ...columns]
  return { value: value.reshape(labels.map(dimOf)), labels }
}
