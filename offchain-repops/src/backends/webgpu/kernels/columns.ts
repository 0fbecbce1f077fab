import type { ColumnsKernel } from '../../../execute/plan/types.ts'
import type { Dispatch, Location, Shader } from '../Shader.ts'
import { chainFunctions, reductionOf } from './reduction.ts'

const COLUMNS = 32
const SEGMENTS = 8

/**
 * x [O, K, I] → [O, I] over K. A group of threads has 32 neighbouring columns and takes eight segments of them at a
 * time, one thread to each. A thread meets its 32 lanes in the order in which the tree of halves joins them: lanes whose
 * numbers, read from the lowest bit up, ascend; so five unfinished sums are all that it keeps.
 */
export function columns(
  { op, type, O, K, I }: ColumnsKernel,
  x: Location,
  out: Location,
  shader: Shader,
): Dispatch {
  const reduction = reductionOf(op, type)
  const { combine, lane } = reduction
  const blocks = Math.ceil(I / COLUMNS)
  const [k, width, perRow] = [K, I, blocks].map((value) => shader.parameter(value))
  shader.declare(`var<workgroup> segments: array<u32, ${COLUMNS * SEGMENTS}>;
${chainFunctions('sum', reduction, 1)}`)
  const body = `let outer = group / ${perRow};
  let column = (group % ${perRow}) * ${COLUMNS}u + thread % ${COLUMNS}u;
  let inside = column < ${width};
  let base = outer * ${k} * ${width} + column;
  sum_start(0u);
  for (var first = 0u; first * 256u < ${k}; first += ${SEGMENTS}u) {
    let begin = (first + thread / ${COLUMNS}u) * 256u;
    let end = min(begin + 256u, ${k});
    var halves: array<u32, 6>;
    for (var leaf = 0u; inside && begin < end && leaf < 32u; leaf++) {
      var v = ${lane};
      for (var row = begin + (reverseBits(leaf) >> 27u); row < end; row += 32u) {
        v = ${combine('v', shader.read(x, `base + row * ${width}`))};
      }
      var level = 0u;
      for (; ((leaf >> level) & 1u) == 1u; level++) {
        v = ${combine('halves[level]', 'v')};
      }
      halves[level] = v;
    }
    segments[thread] = halves[5];
    workgroupBarrier();
    for (var s = 0u; s < ${SEGMENTS}u && (first + s) * 256u < ${k}; s++) {
      sum_push(0u, first + s, segments[s * ${COLUMNS}u + thread % ${COLUMNS}u]);
    }
    workgroupBarrier();
  }
  if (inside && thread < ${COLUMNS}u) {
    ${shader.write(out, `outer * ${width} + column`, 'sum_end(0u)')}
  }`
  return shader.dispatch(O * blocks, COLUMNS * SEGMENTS, body)
}
