/**
 * Minimax fit of Σ c_i · x^powers[i] to target(x) on [lo, hi] in float64, by Remez's exchange on a
 * grid of Chebyshev points, then rounded to binary32 one coefficient at a time: the most
 * important (lowest) first, each time fitting the remaining ones again.
 */
export interface Problem {
  readonly lo: number
  readonly hi: number
  readonly powers: readonly number[]
  readonly target: (x: number) => number
  /** The error that is made small is weight(x) · (polynomial(x) − target(x)). */
  readonly weight: (x: number) => number
}

export interface Fit {
  /** Coefficients, each exactly a binary32 value, in the order of `powers`. */
  readonly coefficients: number[]
  /** Largest weighted error on the grid. */
  readonly error: number
}

const GRID = 1000

export function fit(problem: Problem): Fit {
  const { lo, hi, powers } = problem
  const xs = Array.from({ length: GRID }, (_, i) => {
    const u = (2 * i + 1) / (2 * GRID) // cos(π u) without Math.cos: any dense grid will do
    return lo + (hi - lo) * (u * u * (3 - 2 * u)) // denser at both ends
  })
  const targets = xs.map(problem.target)
  const weights = xs.map(problem.weight)
  const fixed = new Map<number, number>()
  for (const power of [...powers].sort((a, b) => a - b)) {
    const free = powers.filter((p) => !fixed.has(p))
    const rest = xs.map((x, i) => targets[i] - evaluate(fixed, x))
    fixed.set(power, Math.fround(exchange(xs, rest, weights, free)[free.indexOf(power)]))
  }
  const error = Math.max(
    ...xs.map((x, i) => Math.abs(weights[i] * (evaluate(fixed, x) - targets[i]))),
  )
  return { coefficients: powers.map((p) => fixed.get(p) as number), error }
}

function evaluate(coefficients: ReadonlyMap<number, number>, x: number): number {
  let sum = 0
  for (const [power, c] of coefficients) sum += c * x ** power
  return sum
}

/** Unrounded minimax coefficients for the given powers. */
function exchange(
  xs: readonly number[],
  targets: readonly number[],
  weights: readonly number[],
  powers: readonly number[],
): number[] {
  const n = powers.length + 1
  let points = Array.from({ length: n }, (_, i) => Math.round(((i + 0.5) * (xs.length - 1)) / n))
  let coefficients: number[] = []
  for (let round = 0; round < 60; round++) {
    const rows = points.map((p, i) => [
      ...powers.map((power) => weights[p] * xs[p] ** power),
      i % 2 === 0 ? 1 : -1,
    ])
    const solution = solve(
      rows,
      points.map((p) => weights[p] * targets[p]),
    )
    coefficients = solution.slice(0, -1)
    const errors = xs.map(
      (x, i) =>
        weights[i] * (powers.reduce((s, p, j) => s + coefficients[j] * x ** p, 0) - targets[i]),
    )
    const next = alternation(errors, n)
    const largest = Math.max(...errors.map(Math.abs))
    if (next.length < n || largest <= Math.abs(solution[n - 1]) * 1.0001) break
    points = next
  }
  return coefficients
}

/** n indices of local extremes with alternating signs, the largest kept. */
function alternation(errors: readonly number[], n: number): number[] {
  const extremes: number[] = []
  errors.forEach((e, i) => {
    const last = extremes.at(-1)
    if (last === undefined || Math.sign(e) !== Math.sign(errors[last])) extremes.push(i)
    else if (Math.abs(e) > Math.abs(errors[last])) extremes[extremes.length - 1] = i
  })
  while (extremes.length > n) {
    const first = Math.abs(errors[extremes[0]])
    const last = Math.abs(errors[extremes[extremes.length - 1]])
    if (first < last) extremes.shift()
    else extremes.pop()
  }
  return extremes
}

/** Gaussian elimination with row pivoting. */
function solve(matrix: number[][], right: number[]): number[] {
  const n = right.length
  const a = matrix.map((row, i) => [...row, right[i]])
  for (let column = 0; column < n; column++) {
    let pivot = column
    for (let r = column + 1; r < n; r++) {
      if (Math.abs(a[r][column]) > Math.abs(a[pivot][column])) pivot = r
    }
    ;[a[column], a[pivot]] = [a[pivot], a[column]]
    for (let r = column + 1; r < n; r++) {
      const factor = a[r][column] / a[column][column]
      for (let c = column; c <= n; c++) a[r][c] -= factor * a[column][c]
    }
  }
  const x = new Array<number>(n).fill(0)
  for (let r = n - 1; r >= 0; r--) {
    let sum = a[r][n]
    for (let c = r + 1; c < n; c++) sum -= a[r][c] * x[c]
    x[r] = sum / a[r][r]
  }
  return x
}
