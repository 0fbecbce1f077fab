import type { MoveAxis } from '../program/types.ts'
import { product } from '../program/wants.ts'
import type { Gradient } from './gradient.ts'
import { BuildError } from './shapes.ts'

/**
 * A linear equation between whole numbers: Σ out[a] · o_a + Σ inp[j] · i_j + constant = 0, with o the index of an
 * element of the output and i that of the element of the input which it was copied from.
 */
interface Equation {
  readonly out: number[]
  readonly inp: number[]
  readonly constant: number
}

/**
 * The gradient of a Move is a Move and a sum. Which output elements were copied from input element i is a
 * system of linear equations; solving it for as many output axes as it fixes ("pivots") gives each
 * pivot as an affine map of i and of the remaining, free output axes, over which is summed.
 * Equations that fix no axis say which input elements were read at all: each becomes an axis of one
 * element, whose index must come out as 0.
 */
export const moveGradient: Gradient = ({ node, dy }) => {
  const form = node.form
  if (form.family !== 'move') throw new BuildError(`${node.op} has no move form`)
  const { inDims, outDims } = form
  const { pivots, constraints } = solve(
    form.axes.map((axis, j) => equation(form, axis, j)),
    outDims,
  )
  const free = [...outDims.keys()].filter((a) => !pivots.has(a))

  // Axes of the gathered gradient: those of the input, then the free ones.
  const gathered = [...inDims, ...free.map((a) => outDims[a])]
  const map = ({ out, inp, constant }: Equation, divisor: number, sign: number): MoveAxis => {
    const coefficients = [...inp, ...free.map((a) => out[a])]
    return {
      offset: constant === 0 ? 0 : sign * constant,
      divisor,
      terms: coefficients.flatMap((c, axis) => (c === 0 ? [] : { axis, coefficient: sign * c })),
    }
  }
  const outAxes = outDims.map((_, a): MoveAxis => {
    const pivot = pivots.get(a)
    if (pivot === undefined)
      return {
        offset: 0,
        divisor: 1,
        terms: [{ axis: inDims.length + free.indexOf(a), coefficient: 1 }],
      }
    return map(pivot, Math.abs(pivot.out[a]), pivot.out[a] > 0 ? -1 : 1)
  })
  const checks = constraints.map((constraint) => map(constraint, 1, 1))
  const source = dy.reshape([...outDims, ...checks.map(() => 1)])
  const terms = source.move(gathered, [...outAxes, ...checks])
  return [
    terms
      .reshape([product(inDims), -1])
      .sum([1])
      .reshape(inDims),
  ]
}

/** offset + Σ coefficient · o = divisor · i, for input axis j. */
function equation(
  { inDims, outDims }: { inDims: readonly number[]; outDims: readonly number[] },
  { offset, divisor, terms }: MoveAxis,
  j: number,
): Equation {
  const out = outDims.map(() => 0)
  for (const { axis, coefficient } of terms) out[axis] = coefficient
  return { out, inp: inDims.map((_, i) => (i === j ? -divisor : 0)), constant: offset }
}

/**
 * Gauss and Jordan over the integers: each pivot axis is left in one equation only. Longer axes are preferred
 * as pivots, since free ones make the sum longer.
 */
function solve(
  equations: readonly Equation[],
  outDims: readonly number[],
): { pivots: Map<number, Equation>; constraints: Equation[] } {
  const pivots = new Map<number, Equation>()
  const constraints: Equation[] = []
  for (const given of equations) {
    let current = given
    for (const [axis, pivot] of pivots) current = eliminate(current, pivot, axis)
    const candidates = [...outDims.keys()].filter((a) => current.out[a] !== 0)
    if (candidates.length === 0) {
      if (current.inp.some((c) => c !== 0)) constraints.push(current)
      continue
    }
    const axis = candidates.reduce((best, a) => (outDims[a] > outDims[best] ? a : best))
    for (const [other, pivot] of pivots) pivots.set(other, eliminate(pivot, current, axis))
    pivots.set(axis, current)
  }
  return { pivots, constraints }
}

/** The equation without output axis `axis`, by adding a multiple of one that has it. */
function eliminate(equation: Equation, using: Equation, axis: number): Equation {
  const [a, b] = [equation.out[axis], using.out[axis]]
  if (a === 0) return equation
  const combine = (x: number, y: number): number => x * b - y * a
  const out = equation.out.map((x, i) => combine(x, using.out[i]))
  const inp = equation.inp.map((x, i) => combine(x, using.inp[i]))
  const constant = combine(equation.constant, using.constant)
  const divisor = [...out, ...inp, constant].reduce(gcd, 0)
  const scaled = (x: number): number => x / divisor
  return { out: out.map(scaled), inp: inp.map(scaled), constant: scaled(constant) }
}

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b)
}
