import { div, sqrt } from '../../numbers/arithmetic.ts'
import { softmax } from '../../build/layers/softmax.ts'
import { Value } from '../../build/Value.ts'
import type { Call, Lowering, Result } from '../Call.ts'
import { atOrAfterDiagonal, transpose, transposeLast } from '../places.ts'

/** [B, T, H · D] as [B, H, T, D]; what has four axes is so already. */
function heads(call: Call, index: number, name: string): Value {
  const x = call.floatValue(index)
  if (x.rank === 4) return x
  const H = call.int(name)
  const [B, T] = x.shape
  return transpose(x.reshape([B, T, H, -1]), [0, 2, 1, 3])
}

/** An earlier part of the sequence before this one. */
const after = (past: Value | undefined, x: Value): Value => (past ? Value.concat([past, x], 2) : x)

/** [B, H, T, K] · [B, H/g, N, K] → [B, H, T, N]: g neighbouring heads share one of the second. */
function groupedProduct(x: Value, yT: Value): Value {
  const [B, H, T, K] = x.shape
  const shared = yT.dim(1)
  const rows = x.reshape([B, shared, (H / shared) * T, K])
  return rows.matmulT(yT).reshape([B, H, T, yT.dim(2)])
}

/**
 * Scaled dot-product attention (opset 23): softmax(softcap(scale · Q Kᵀ) + mask) V over grouped heads, with earlier keys
 * and values before those given. Rows that see nothing become zeros.
 */
function attend(call: Call): readonly (Result | undefined)[] {
  if (call.has(6)) call.refuse('nonpad_kv_seqlen is not supported')
  call.ignore('softmax_precision', 'kv_num_heads', 'q_num_heads') // everything is float; others where there are three axes
  const flat = call.shape(0).length === 3
  const q = heads(call, 0, 'q_num_heads')
  const k = after(call.optional(4), heads(call, 1, 'kv_num_heads'))
  const v = after(call.optional(5), heads(call, 2, 'kv_num_heads'))
  const [B, H, T, D] = q.shape
  const S = k.dim(2)
  const raw = groupedProduct(q, k).mul(call.float('scale', div(1, sqrt(D))))
  const cap = call.float('softcap', 0)
  const capped =
    cap === 0
      ? raw
      : raw
          .mul(1 / cap)
          .tanh()
          .mul(cap)
  const { scores, visible } = masked(
    call,
    capped,
    S - (call.shape(1).length === 4 ? call.shape(1)[2] : call.shape(1)[1]),
  )
  const plain = softmax(scores)
  const weights = visible ? visible.where(plain, 0) : plain
  const mixed = groupedProduct(weights, transposeLast(v))
  const y = flat ? transpose(mixed, [0, 2, 1, 3]).reshape([B, T, H * v.dim(3)]) : mixed
  const stages = [raw, capped, scores, weights]
  return [y, k, v, stages[call.int('qk_matmul_output_mode', 0)]]
}

/** Scores with what may not be seen at −∞, and where a mask may hide whole rows, what is visible. */
function masked(
  call: Call,
  scores: Value,
  past: number,
): { scores: Value; visible: Value | undefined } {
  const [T, S] = scores.shape.slice(-2)
  const [left, right] = [call.int('left_window_size', -1), call.int('right_window_size', -1)]
  let seen: Value | undefined
  const restrict = (by: Value): void => {
    seen = seen ? seen.and(by) : by
  }
  // Key j is at or before query i + past + right: not after it.
  if (right >= 0) restrict(atOrAfterDiagonal(call, T, S, past + right + 1).eq(0))
  if (left >= 0) restrict(atOrAfterDiagonal(call, T, S, past - left))
  if (call.flag('is_causal')) restrict(atOrAfterDiagonal(call, T, S, past + 1).eq(0))
  if (!call.has(3))
    return { scores: seen ? seen.where(scores, -Infinity) : scores, visible: undefined }
  const mask = call.value(3)
  const missing = S - mask.dim(-1)
  if (call.type(3) === 'bool') {
    restrict(missing > 0 ? mask.pad(mask.rank - 1, 0, missing, 0) : mask)
    return { scores: seen!.where(scores, -Infinity), visible: seen }
  }
  const added = scores.add(missing > 0 ? mask.pad(mask.rank - 1, 0, missing, -Infinity) : mask)
  const hidden = seen ? seen.where(added, -Infinity) : added
  return { scores: hidden, visible: hidden.scalar(-Infinity).lt(hidden) }
}

/** Rotary embedding (opset 23): pairs of channels, neighbours or halves, turn by the angles of their positions. */
function rotary(call: Call): Value {
  const given = call.floatValue(0)
  const count = call.int('num_heads', 0)
  const [B, T] = given.rank === 4 ? [given.dim(0), given.dim(2)] : given.shape
  if (given.rank === 3 && count < 1) call.malformed('num_heads is missing for three axes')
  const x = given.rank === 4 ? given : transpose(given.reshape([B, T, count, -1]), [0, 2, 1, 3])
  const D = x.dim(3)
  const turning = call.int('rotary_embedding_dim', 0) || D
  const half = turning / 2
  const interleaved = call.flag('interleaved')
  // [B, 1, T, half], for all heads.
  const table = (index: number): Value => {
    const values = call.floatValue(index)
    const rows = call.has(3) ? values.gather(call.value(3)) : values
    if (rows.dim(-1) !== half)
      call.malformed(`angles of ${rows.dim(-1)} pairs for ${turning} channels`)
    return rows.reshape([-1, 1, T, half])
  }
  const [cos, sin] = [table(1), table(2)]
  const turned = turning === D ? x : x.slice(3, 0, turning)
  const pairs = interleaved
    ? turned.reshape([...turned.shape.slice(0, 3), half, 2])
    : turned.reshape([...turned.shape.slice(0, 3), 2, half])
  const pair = interleaved ? 4 : 3
  const [a, b] = [pairs.at(pair, 0), pairs.at(pair, 1)]
  const parts = [a.mul(cos).sub(b.mul(sin)), a.fma(sin, b.mul(cos))]
  const side = [...a.shape.slice(0, pair), 1, ...a.shape.slice(pair)]
  const joined = Value.concat(
    parts.map((part) => part.reshape(side)),
    pair,
  ).reshape(turned.shape)
  const whole = turning === D ? joined : Value.concat([joined, x.slice(3, turning)], 3)
  return given.rank === 4 ? whole : transpose(whole, [0, 2, 1, 3]).reshape(given.shape)
}

/** Attention and what goes with it. */
export const attention: Readonly<Record<string, Lowering>> = {
  Attention: attend,
  RotaryEmbedding: rotary,
}
