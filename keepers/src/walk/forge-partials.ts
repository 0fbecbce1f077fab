import { foldBits, type Node } from '@lockstep/repops'

/**
 * Posted values that fold to a wrong result, for a solver that wants to be caught: the honest ones with as few
 * as possible bent. Only a trace that was run with a corruption ever gets here.
 */
export function forgePartials(node: Node, honest: Int32Array, target: number): Int32Array {
  const folds = (values: Int32Array) => foldBits(node, values) >>> 0 === target
  const wanted = target | 0
  for (let i = 0; i < honest.length; i++) {
    for (const word of candidates(node, honest, i, wanted)) {
      const values = honest.slice()
      values[i] = word
      if (folds(values)) return values
    }
  }
  // One value that is the result, and neutral ones: −0 for sums, since only −0 keeps a −0.
  const neutral = node.op === 'ReduceMax' ? wanted : node.type === 'f32' ? 0x8000_0000 | 0 : 0
  const values = new Int32Array(honest.length).fill(neutral)
  values[0] = wanted
  return values
}

/** Words that may bend the fold by the right amount at place `i`. */
function candidates(node: Node, honest: Int32Array, i: number, wanted: number): number[] {
  const fold = foldBits(node, honest)
  if (node.type === 'i32') return [honest[i] + wanted - fold, wanted]
  const float = new Float32Array(1)
  const word = new Int32Array(float.buffer)
  const toFloat = (bits: number) => ((word[0] = bits), float[0])
  float[0] = toFloat(honest[i]) + (toFloat(wanted) - toFloat(fold))
  const guess = word[0]
  return [wanted, ...[0, 1, -1, 2, -2, 3, -3].map((ulps) => guess + ulps)]
}
