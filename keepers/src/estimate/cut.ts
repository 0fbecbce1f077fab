import {
  type Kernel,
  lower,
  type MatrixStrides,
  type Node,
  product,
  type RowsKernel,
} from '@lockstep/repops'

/** The loops of a kernel, outermost first, and how far each may be cut while those after it can be. */
interface Loops {
  readonly extents: readonly number[]
  readonly floors: readonly number[]
}

/** Elements that a kernel computes, each reduction counted by what it reduces: proportional to its time in one shape. */
export function operationsOf(kernel: Kernel): number {
  switch (kernel.kind) {
    case 'rows':
      return product(kernel.dims) * kernel.instructions.length
    case 'columns':
      return kernel.O * kernel.K * kernel.I
    case 'matmul':
      return product(kernel.batch) * kernel.M * kernel.N * kernel.K
    case 'move':
      return product(kernel.form.outDims)
    case 'concat':
      return kernel.O * kernel.I * sum(kernel.sizes)
    case 'indexed': {
      const { op, B, V, R, Q } = kernel
      // A scattered element is added once, wherever it belongs.
      return op === 'Gather' ? B * Q * R : B * R * (V + Q)
    }
    case 'generate':
      return kernel.N
    case 'copy':
      return kernel.count
  }
}

/** Words that a kernel's operands and results span, in its order. */
export function wordsOf(kernel: Kernel): { inputs: number[]; outputs: number[] } {
  switch (kernel.kind) {
    case 'rows':
      return {
        inputs: kernel.strides.map((strides) => span(kernel.dims, strides)),
        outputs: kernel.stores.map((index) => storedWords(kernel, index)),
      }
    case 'columns':
      return { inputs: [kernel.O * kernel.K * kernel.I], outputs: [kernel.O * kernel.I] }
    case 'matmul': {
      const { batch, M, N, K } = kernel
      const matrix = (rows: number, columns: number, strides: MatrixStrides): number =>
        span([...batch, rows, columns], [...strides.batch, strides.row, strides.column])
      return {
        inputs: [matrix(M, K, kernel.x), matrix(N, K, kernel.y)],
        outputs: [matrix(M, N, kernel.out)],
      }
    }
    case 'move':
      return { inputs: [product(kernel.form.inDims)], outputs: [product(kernel.form.outDims)] }
    case 'concat': {
      const { O, I, sizes } = kernel
      return { inputs: sizes.map((size) => O * size * I), outputs: [O * sum(sizes) * I] }
    }
    case 'indexed': {
      const { op, B, V, R, Q } = kernel
      return op === 'Gather'
        ? { inputs: [B * V * R, B * Q], outputs: [B * Q * R] }
        : { inputs: [B * Q, B * R * Q], outputs: [B * V * R] }
    }
    case 'generate':
      return { inputs: [], outputs: [kernel.N] }
    case 'copy':
      return { inputs: [kernel.count], outputs: [kernel.count] }
  }
}

/** What is computed as one piece. The nodes are those that a kernel of several stands for. */
export interface Work {
  readonly kernel: Kernel
  readonly nodes: readonly Node[]
}

/**
 * The same work with fewer outer repetitions, of at most `operations` and `words` where that can be: the loops that
 * decide how fast an element is are kept as long as others can be cut.
 */
export function cutWork(work: Work, operations: number, words: number): Work {
  const { extents: whole, floors } = loopsOf(work.kernel)
  let cut = work
  for (let extents = whole; ; ) {
    const excess = Math.max(operationsOf(cut.kernel) / operations, wordsTouched(cut.kernel) / words)
    if (excess <= 1) return cut
    const shorter = shortened(extents, floors, excess)
    if (shorter === undefined) return cut
    extents = shorter
    cut = resized(work, withExtents(work.kernel, extents))
  }
}

/** One node is computed with the strides of its new size; several keep theirs. */
function resized({ nodes }: Work, kernel: Kernel): Work {
  if (nodes.length !== 1) return { nodes, kernel }
  const node = resizedNode(nodes[0], kernel)
  return { nodes: [node], kernel: lower(node) }
}

/** The first loop above its floor is cut; where all are there, the longest. Undefined where all are 1. */
function shortened(
  extents: readonly number[],
  floors: readonly number[],
  excess: number,
): number[] | undefined {
  const first = extents.findIndex((extent, i) => extent > floors[i])
  const longest = extents.indexOf(Math.max(...extents))
  const at = first >= 0 ? first : longest
  if (extents[at] === 1) return undefined
  const least = first >= 0 ? floors[at] : Math.ceil(extents[at] / 2)
  return extents.with(at, Math.max(least, Math.floor(extents[at] / excess), 1))
}

function loopsOf(kernel: Kernel): Loops {
  switch (kernel.kind) {
    case 'rows':
      return { extents: kernel.dims, floors: [...kernel.dims.slice(1).map(() => 1), 4096] }
    case 'columns':
      return { extents: [kernel.O, kernel.I, kernel.K], floors: [1, 1024, 4096] }
    case 'matmul': {
      const { batch, M, N, K } = kernel
      return { extents: [...batch, M, N, K], floors: [...batch.map(() => 1), 256, 256, 4096] }
    }
    case 'move':
      return { extents: kernel.form.outDims, floors: kernel.form.outDims.map(() => 64) }
    case 'concat':
      return { extents: [kernel.O, Math.max(...kernel.sizes), kernel.I], floors: [1, 1024, 1024] }
    case 'indexed':
      return { extents: [kernel.B, kernel.R, kernel.Q, kernel.V], floors: [1, 64, 4096, 4096] }
    case 'generate':
      return { extents: [kernel.N], floors: [1] }
    case 'copy':
      return { extents: [kernel.count], floors: [1] }
  }
}

function withExtents(kernel: Kernel, extents: readonly number[]): Kernel {
  switch (kernel.kind) {
    case 'rows':
      return { ...kernel, dims: extents }
    case 'columns': {
      const [O, I, K] = extents
      return { ...kernel, O, I, K }
    }
    case 'matmul': {
      const [M, N, K] = extents.slice(-3)
      return { ...kernel, batch: extents.slice(0, -3), M, N, K }
    }
    case 'move': {
      const { form } = kernel
      return { kind: 'move', form: { ...form, outDims: extents, inDims: reached(form, extents) } }
    }
    case 'concat': {
      const [O, size, I] = extents
      return { ...kernel, O, I, sizes: kernel.sizes.map((one) => Math.min(one, size)) }
    }
    case 'indexed': {
      const [B, R, Q, V] = extents
      return { ...kernel, B, R, Q, V }
    }
    case 'generate':
      return { ...kernel, N: extents[0] }
    case 'copy':
      return { ...kernel, count: extents[0] }
  }
}

type MoveForm = Extract<Kernel, { kind: 'move' }>['form']

/** Input axes with what smaller output axes still read of the outermost: the others decide how far words are apart. */
function reached({ inDims, axes }: MoveForm, outDims: readonly number[]): number[] {
  if (inDims.length === 0) return []
  const { offset, divisor, terms } = axes[0]
  const far = terms.reduce(
    (most, { axis, coefficient }) => most + Math.max(0, coefficient * (outDims[axis] - 1)),
    offset,
  )
  const most = Math.floor(Math.max(0, far) / divisor) + 1
  return [...inDims].with(0, Math.min(inDims[0], most))
}

/** A node that `kernel` computes alone, where `node` is one of another size. */
function resizedNode(node: Node, kernel: Kernel): Node {
  const { form } = node
  switch (form.family) {
    case 'elementwise':
      if (kernel.kind !== 'rows' || form.dims.length === 0) return node
      return { ...node, form: { ...form, dims: kernel.dims } }
    case 'reduce':
      if (kernel.kind !== 'rows') return node
      return { ...node, form: { ...form, R: kernel.dims[0], K: kernel.dims[1] } }
    case 'matmul': {
      if (kernel.kind !== 'matmul') return node
      const { M, N, K } = kernel
      return { ...node, form: { ...form, B: kernel.batch.at(0) ?? 1, M, N, K } }
    }
    case 'move':
      return kernel.kind === 'move' ? { ...node, form: kernel.form } : node
    case 'concat': {
      if (kernel.kind !== 'concat') return node
      const { O, I, sizes } = kernel
      return { ...node, form: { ...form, O, I, sizes } }
    }
    case 'indexed': {
      if (kernel.kind !== 'indexed') return node
      const { B, V, R, Q } = kernel
      return { ...node, form: { ...form, B, V, R, Q } }
    }
    case 'generate':
      return kernel.kind === 'generate' ? { ...node, form: { ...form, N: kernel.N } } : node
  }
}

function storedWords({ dims, instructions }: RowsKernel, index: number): number {
  return product(instructions[index].perRow ? dims.slice(0, -1) : dims)
}

/** Words from the first to the last that a walk touches. */
const span = (extents: readonly number[], strides: readonly number[]): number =>
  extents.reduce((reach, extent, i) => reach + (extent - 1) * strides[i], 1)

/** Words of all operands and results together. */
export function wordsTouched(kernel: Kernel): number {
  const { inputs, outputs } = wordsOf(kernel)
  return sum(inputs) + sum(outputs)
}

const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0)
