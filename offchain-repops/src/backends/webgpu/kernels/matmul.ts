import type { MatMulKernel, MatrixStrides } from '../../../execute/plan/types.ts'
import type { Dispatch, Location, Shader } from '../Shader.ts'
import { coordinates, offset } from './coordinates.ts'
import { chainFunctions, LEVELS, reductionOf } from './reduction.ts'

const DEPTH = 16 // of a tile; divides a segment
const SEGMENT = 256

/** How a group of threads covers the output: `threadRows` × `threadColumns` threads with `each` × `each` elements. */
interface Tile {
  readonly threadRows: number
  readonly threadColumns: number
  readonly each: number
}

/** Registers are for floats; a fma in integers is so long that nothing beside it counts. */
function tileFor({ M, N }: MatMulKernel, floats: boolean): Tile {
  if (M < 16 && M <= N) return { threadRows: 4, threadColumns: 64, each: 1 }
  if (N < 16) return { threadRows: 64, threadColumns: 4, each: 1 }
  return { threadRows: 16, threadColumns: 16, each: floats ? 4 : 1 }
}

/**
 * out[b, m, n] = R_dot over k. A group of threads brings 16 columns of its rows of x and y into its own memory at a
 * time; every thread carries the chains of its elements from segment to segment. k is never padded: fma(0, 0, −0) is +0.
 * `floats` says that the library's h_fma is exact, so that chains may stay floats until their segment ends.
 */
export function matmul(
  kernel: MatMulKernel,
  [x, y]: readonly Location[],
  out: Location,
  shader: Shader,
  floats: boolean,
): Dispatch {
  const { batch, M, N, K } = kernel
  const { threadRows, threadColumns, each } = tileFor(kernel, floats)
  const [rows, columns] = [threadRows * each, threadColumns * each]
  const threads = threadRows * threadColumns
  const [rowBlocks, columnBlocks] = [Math.ceil(M / rows), Math.ceil(N / columns)]
  const [m, n, k, perRow, perMatrix] = [M, N, K, columnBlocks, rowBlocks * columnBlocks].map(
    (value) => shader.parameter(value),
  )
  const cells = Array.from({ length: each * each }, (_, i) => ({
    name: i,
    i: Math.floor(i / each),
    j: i % each,
  }))
  const segmented = K > SEGMENT
  if (segmented)
    shader.declare(chainFunctions('dot', reductionOf('ReduceSum', 'f32'), cells.length))
  shader.declare(`var<workgroup> x_tile: array<u32, ${DEPTH * rows}>;
var<workgroup> y_tile: array<u32, ${DEPTH * columns}>;`)

  const start = (cell: number): string => `acc${cell} = ${floats ? '0.0' : '0u'};`
  const sum = (cell: number): string =>
    floats ? `canonical(bitcast<u32>(acc${cell}))` : `acc${cell}`
  const load = (name: string, i: number, of: number): string => {
    const word = `${name}_tile[k * ${of}u + ${name === 'x' ? 'r' : 'c'} + ${i * (name === 'x' ? threadRows : threadColumns)}u]`
    return `let ${name}${i} = ${floats ? `bitcast<f32>(${word})` : word};`
  }
  const perCell = (text: (cell: number, i: number, j: number) => string): string =>
    cells.map(({ name, i, j }) => text(name, i, j)).join('\n        ')
  const loads = Array.from({ length: each }, (_, i) => i)
  const result = (cell: number): string => (segmented ? `dot_end(${cell * LEVELS}u)` : sum(cell))

  const body = `let matrix = group / ${perMatrix};
  let top = ((group % ${perMatrix}) / ${perRow}) * ${rows}u;
  let left = (group % ${perRow}) * ${columns}u;
  let r = thread / ${threadColumns}u;
  let c = thread % ${threadColumns}u;
  ${coordinates(shader, 'matrix', batch, 'b')}
  let x_base = ${offset(shader, 'b', kernel.x.batch)};
  let y_base = ${offset(shader, 'b', kernel.y.batch)};
  ${perCell((cell) => `var acc${cell} = ${floats ? '0.0' : '0u'};${segmented ? ` dot_start(${cell * LEVELS}u);` : ''}`)}
  for (var first = 0u; first < ${k}; first += ${DEPTH}u) {
    ${fill(shader, 'x', x, kernel.x, { count: rows, from: 'top', limit: m, k, threads })}
    ${fill(shader, 'y', y, kernel.y, { count: columns, from: 'left', limit: n, k, threads })}
    workgroupBarrier();
    let depth = min(${DEPTH}u, ${k} - first);
    for (var k = 0u; k < depth; k++) {
      ${loads.map((i) => load('x', i, rows)).join('\n      ')}
      ${loads.map((j) => load('y', j, columns)).join('\n      ')}
      ${perCell((cell, i, j) => `acc${cell} = ${floats ? 'h_fma' : 'f_fma'}(x${i}, y${j}, acc${cell});`)}
    }
    workgroupBarrier();
    ${
      segmented
        ? `if ((first + ${DEPTH}u) % ${SEGMENT}u == 0u || first + ${DEPTH}u >= ${k}) {
      ${perCell((cell) => `dot_push(${cell * LEVELS}u, first / ${SEGMENT}u, ${sum(cell)}); ${start(cell)}`)}
    }`
        : ''
    }
  }
  let base = ${offset(shader, 'b', kernel.out.batch)};
  ${perCell((cell, i, j) => {
    const [row, column] = [`top + r + ${i * threadRows}u`, `left + c + ${j * threadColumns}u`]
    const at = `base + (${row}) * ${shader.parameter(kernel.out.row)} + (${column}) * ${shader.parameter(kernel.out.column)}`
    return `if (${row} < ${m} && ${column} < ${n}) { ${shader.write(out, at, result(cell))} }`
  })}`
  return shader.dispatch(product(batch) * rowBlocks * columnBlocks, threads, body)
}

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1)

interface TileRange {
  readonly count: number
  readonly from: string
  readonly limit: string
  readonly k: string
  readonly threads: number
}

/** Brings `count` rows of an operand, 16 columns each, into its tile; neighbours in memory to neighbouring threads. */
function fill(
  shader: Shader,
  name: string,
  location: Location,
  strides: MatrixStrides,
  { count, from, limit, k, threads }: TileRange,
): string {
  const [across, down] =
    strides.column === 1 ? [`e % ${DEPTH}u`, `e / ${DEPTH}u`] : [`e / ${count}u`, `e % ${count}u`]
  const at = `${name}_base + (${from} + i) * ${shader.parameter(strides.row)} + (first + j) * ${shader.parameter(strides.column)}`
  return `for (var e = thread; e < ${DEPTH * count}u; e += ${threads}u) {
      let j = ${across};
      let i = ${down};
      if (${from} + i < ${limit} && first + j < ${k}) { ${name}_tile[j * ${count}u + i] = ${shader.read(location, at)}; }
    }`
}
