import { moveSource } from '../execute/operandRuns.ts'
import { philox } from '../numbers/philox.ts'
import { shapesOf } from '../program/shapes.ts'
import type { Node, Program } from '../program/types.ts'
import { outputOf } from '../program/wants.ts'

/**
 * The mathematics of a program in float64 and platform functions: for tests of gradients, where rounding
 * to f32 would hide what is asked. It says nothing about bits.
 */
export interface Float64Step {
  readonly outputs: readonly Float64Array[]
  readonly next: readonly Float64Array[]
}

export function runFloat64(
  program: Program,
  inputs: {
    readonly state: readonly Float64Array[]
    readonly constants?: readonly Float64Array[]
    readonly step?: number
    readonly seed?: bigint
  },
): Float64Step {
  const { state, constants = [], step = 0, seed = 0n } = inputs
  const outputs: Float64Array[] = []
  for (const node of program.nodes) {
    const operands = node.inputs.map((input) => {
      switch (input.kind) {
        case 'node':
          return outputs[input.ref]
        case 'state':
          return state[input.ref]
        case 'constant':
          return constants[input.ref]
        case 'step':
          return Float64Array.of(step)
        case 'immediate':
          return Float64Array.of(immediate(node, input.bits, input))
      }
    })
    outputs.push(evaluate(node, operands, step, seed))
  }
  const next = program.states.map(({ next: source }, i) =>
    source === undefined ? state[i] : outputs[source],
  )
  return { outputs, next }
}

function immediate(node: Node, bits: number, input: Node['inputs'][number]): number {
  const k = node.inputs.indexOf(input)
  const isIndex = (node.op === 'Where' && k === 0) || (node.op === 'Gather' && k === 1)
  const isInt = node.type === 'i32' || isIndex || (node.op === 'ScatterAdd' && k === 0)
  return isInt ? bits | 0 : new Float32Array(Uint32Array.of(bits).buffer)[0]
}

type Scalar = (a: number, b: number, c: number) => number

const FLOATS: Readonly<Record<string, Scalar>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Sqrt: Math.sqrt,
  Fma: (a, b, c) => a * b + c,
  Neg: (a) => -a,
  Abs: Math.abs,
  Min: (a, b) => Math.min(a, b),
  Max: (a, b) => Math.max(a, b),
  Floor: Math.floor,
  Round: (a) => {
    const up = Math.round(a)
    return up - a === 0.5 && up % 2 !== 0 ? up - 1 : up
  },
  Exp: Math.exp,
  Log: Math.log,
  Tanh: Math.tanh,
  Erf: erf,
  Sin: Math.sin,
  Cos: Math.cos,
  Pow: Math.pow,
  Eq: (a, b) => Number(a === b),
  Lt: (a, b) => Number(a < b),
  Le: (a, b) => Number(a <= b),
  Where: (a, b, c) => (a !== 0 ? b : c),
  F2I: Math.trunc,
  Bits: (a) => new Int32Array(Float32Array.of(a).buffer)[0],
}

const INTEGERS: Readonly<Record<string, Scalar>> = {
  ...FLOATS,
  Add: (a, b) => (a + b) | 0,
  Sub: (a, b) => (a - b) | 0,
  Mul: Math.imul,
  Div: (a, b) => (b === 0 ? 0 : (a / b) | 0),
  Rem: (a, b) => (b === 0 ? 0 : a % b | 0),
  And: (a, b) => a & b,
  Or: (a, b) => a | b,
  Xor: (a, b) => a ^ b,
  Shl: (a, b) => a << b,
  Shr: (a, b) => (a >>> b) | 0,
  Sar: (a, b) => a >> b,
  I2F: (a) => a,
  Unbits: (a) => new Float32Array(Int32Array.of(a).buffer)[0],
}

/** Abramowitz and Stegun 7.1.6: the series converges for every argument that tests use. */
function erf(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

function evaluate(
  node: Node,
  operands: readonly Float64Array[],
  step: number,
  seed: bigint,
): Float64Array {
  const out = new Float64Array(outputOf(node).count)
  const form = node.form
  const [x, y] = operands
  switch (form.family) {
    case 'elementwise': {
      const scalar = (node.type === 'f32' ? FLOATS : INTEGERS)[node.op]
      const shapes = shapesOf(node)
      const at = (k: number, element: number): number => {
        let [rest, index, stride] = [element, 0, 1]
        for (let axis = form.dims.length - 1; axis >= 0; axis--) {
          const dim = shapes.inputs[k][axis]
          index += stride * ((rest % form.dims[axis]) % dim)
          stride *= dim
          rest = Math.floor(rest / form.dims[axis])
        }
        return operands[k]?.[index]
      }
      return out.map((_, e) =>
        scalar(at(0, e), operands.length > 1 ? at(1, e) : 0, operands.length > 2 ? at(2, e) : 0),
      )
    }
    case 'matmul': {
      const { B, M, N, K, xShared, yShared } = form
      for (let b = 0; b < B; b++)
        for (let m = 0; m < M; m++)
          for (let n = 0; n < N; n++)
            for (let k = 0; k < K; k++)
              out[(b * M + m) * N + n] +=
                x[((xShared ? 0 : b) * M + m) * K + k] * y[((yShared ? 0 : b) * N + n) * K + k]
      return out
    }
    case 'reduce':
      return out.map((_, r) => {
        const row = x.subarray(r * form.K, (r + 1) * form.K)
        return node.op === 'ReduceSum'
          ? row.reduce((a, b) => a + b, 0)
          : row.reduce((a, b) => Math.max(a, b))
      })
    case 'indexed': {
      const { B, V, R, Q } = form
      for (let b = 0; b < B; b++)
        for (let q = 0; q < Q; q++)
          for (let r = 0; r < R; r++) {
            const v = (node.op === 'Gather' ? y : x)[b * Q + q]
            const inside = v >= 0 && v < V
            if (node.op === 'Gather')
              out[(b * Q + q) * R + r] = inside
                ? x[(b * V + v) * R + r]
                : node.type === 'f32'
                  ? NaN
                  : 0
            else if (inside) out[(b * V + v) * R + r] += y[(b * R + r) * Q + q]
          }
      return out
    }
    case 'move': {
      const fill =
        node.type === 'f32' ? new Float32Array(Uint32Array.of(form.fill).buffer)[0] : form.fill | 0
      return out.map((_, e) => {
        const from = moveSource(form, e)
        return from === undefined ? fill : x[from]
      })
    }
    case 'concat': {
      const total = form.sizes.reduce((a, b) => a + b, 0)
      let start = 0
      operands.forEach((operand, k) => {
        const block = form.sizes[k] * form.I
        for (let o = 0; o < form.O; o++)
          out.set(operand.subarray(o * block, (o + 1) * block), (o * total + start) * form.I)
        start += form.sizes[k]
      })
      return out
    }
    case 'generate': {
      const words = new Int32Array(4)
      return out.map((_, e) => {
        if (node.op === 'Iota') return e
        philox(
          e >> 2,
          0,
          step,
          form.stream,
          Number(seed & 0xffffffffn),
          Number(seed >> 32n),
          words,
          0,
        )
        return words[e & 3]
      })
    }
  }
}
