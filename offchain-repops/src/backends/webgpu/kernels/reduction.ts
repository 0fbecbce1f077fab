import type { DType } from '../../../program/types.ts'

/**
 * R_sum and R_max of docs/spec/repops.md, section 2.1, as WGSL. Values that start a chain are such that combining them
 * with a value gives that value: −0 for a sum of f32 (the lanes of a segment start at +0, as the spec says).
 */
export interface Reduction {
  /** Combines two values. */
  readonly combine: (a: string, b: string) => string
  /** What a lane of a segment starts with. */
  readonly lane: string
  /** What a chain of segments or groups starts with. */
  readonly chain: string
}

export function reductionOf(op: string, type: DType): Reduction {
  const sum = op === 'ReduceSum'
  if (!sum && op !== 'ReduceMax') throw new Error(`${op} is no reduction`)
  if (type === 'f32') {
    if (sum) return { combine: (a, b) => `f_add(${a}, ${b})`, lane: '0u', chain: '0x80000000u' }
    return { combine: (a, b) => `f_max(${a}, ${b})`, lane: '0xff800000u', chain: '0xff800000u' }
  }
  if (sum) return { combine: (a, b) => `(${a} + ${b})`, lane: '0u', chain: '0u' }
  return {
    combine: (a, b) => `bitcast<u32>(max(bitcast<i32>(${a}), bitcast<i32>(${b})))`,
    lane: '0x80000000u',
    chain: '0x80000000u',
  }
}

/** Rounds of groups of 16 that 65,536 segments need. */
export const LEVELS = 4

/**
 * Functions that combine the results of segments as they come: `${name}_start(at)`, `${name}_push(at, segment, value)`
 * and `${name}_end(at)`, over chains[at] … chains[at + 3]: the unfinished group of 16 segments, of 16 such groups, ….
 */
export function chainFunctions(name: string, { combine, chain }: Reduction, sums: number): string {
  return `
var<private> ${name}_chains: array<u32, ${LEVELS * sums}>;

fn ${name}_start(at: u32) {
  for (var level = 0u; level < ${LEVELS}u; level++) { ${name}_chains[at + level] = ${chain}; }
}

fn ${name}_push(at: u32, segment: u32, value: u32) {
  var v = value;
  var position = segment;
  for (var level = 0u; level < ${LEVELS}u + context.w; level++) {
    v = ${combine(`${name}_chains[at + level]`, 'v')};
    ${name}_chains[at + level] = v;
    if ((position & 15u) != 15u || level == ${LEVELS - 1}u) { return; }
    ${name}_chains[at + level] = ${chain};
    position >>= 4u;
  }
}

fn ${name}_end(at: u32) -> u32 {
  var v = ${name}_chains[at];
  for (var level = 1u; level < ${LEVELS}u + context.w; level++) {
    v = ${combine(`${name}_chains[at + level]`, 'v')};
  }
  return v;
}`
}
