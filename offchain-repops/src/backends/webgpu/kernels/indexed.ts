import type { IndexedKernel } from '../../../execute/plan/types.ts'
import type { Dispatch, Location, Shader } from '../Shader.ts'

/** x [B, V, R], index [B, Q] → [B, Q, R]: copies rows; a row out of range is NaN or 0. A thread to an output. */
export function gather(
  { type, B, V, R, Q }: IndexedKernel,
  [x, index]: readonly Location[],
  out: Location,
  shader: Shader,
): Dispatch {
  const [v, r, q] = [V, R, Q].map((value) => shader.parameter(value))
  const body = `let row = i / ${r};
  let wanted = ${shader.read(index, 'row')};
  var word = ${type === 'f32' ? '0x7fc00000u' : '0u'};
  if (wanted < ${v}) { word = ${shader.read(x, `(row / ${q} * ${v} + wanted) * ${r} + i % ${r}`)}; }
  ${shader.write(out, 'i', 'word')}`
  return shader.dispatchEach(B * Q * R, body)
}

const CHUNK = 256 // a segment, and the threads of a group

/**
 * index [B, Q], g [B, R, Q] → [B, V, R] by R_scatter. A group of threads has one v and up to 256 neighbouring r; it looks
 * at the indices of one segment together and, where one of them is v, walks the segment. No sum here is ever −0, because
 * each begins at +0, so segments and groups without a match may be left out: they would add +0.
 */
export function scatterAdd(
  { B, V, R, Q }: IndexedKernel,
  [index, g]: readonly Location[],
  out: Location,
  shader: Shader,
): Dispatch {
  const blocks = Math.ceil(R / CHUNK)
  const [v, r, q, perRow] = [V, R, Q, blocks].map((value) => shader.parameter(value))
  shader.declare(`var<workgroup> indices: array<u32, ${CHUNK}>;
var<workgroup> matched: atomic<u32>;`)
  const body = `let row = group / ${perRow}; // of B · V
  let batch = row / ${v};
  let wanted = row % ${v};
  let column = (group % ${perRow}) * ${CHUNK}u + thread;
  var sums: array<u32, 5>; // the segment, and the unfinished groups of 16, 256, 4,096 and 65,536 segments
  for (var first = 0u; first < ${q}; first += ${CHUNK}u) {
    if (thread == 0u) { atomicStore(&matched, 0u); }
    workgroupBarrier();
    if (first + thread < ${q}) {
      let found = ${shader.read(index, `batch * ${q} + first + thread`)};
      indices[thread] = found;
      if (found == wanted) { atomicStore(&matched, 1u); }
    }
    workgroupBarrier();
    if (atomicLoad(&matched) == 1u && column < ${r}) {
      for (var j = 0u; j < min(${CHUNK}u, ${q} - first); j++) {
        if (indices[j] == wanted) {
          sums[0] = f_add(sums[0], ${shader.read(g, `(batch * ${r} + column) * ${q} + first + j`)});
        }
      }
    }
    workgroupBarrier();
    // Carry what is finished; at the end everything.
    let last = first + ${CHUNK}u >= ${q};
    var position = first / ${CHUNK}u;
    for (var level = 0u; level < 4u + context.w; level++) {
      sums[level + 1u] = f_add(sums[level + 1u], sums[level]);
      sums[level] = 0u;
      if (!last && (position & 15u) != 15u) { break; }
      position >>= 4u;
    }
  }
  if (column < ${r}) { ${shader.write(out, `row * ${r} + column`, 'sums[4]')} }`
  return shader.dispatch(B * V * blocks, CHUNK, body)
}
