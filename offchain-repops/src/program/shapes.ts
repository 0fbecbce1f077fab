import type { Node } from './types.ts'

/** The shapes under which a node's form sees its inputs and its output; 1 where an axis is broadcast. */
export interface NodeShapes {
  readonly inputs: readonly (readonly number[])[]
  readonly output: readonly number[]
}

export function shapesOf(node: Node): NodeShapes {
  const form = node.form
  switch (form.family) {
    case 'elementwise': {
      const { dims, masks } = form
      const shape = (mask: number): number[] => dims.map((dim, a) => ((mask >> a) & 1 ? dim : 1))
      return { inputs: masks.map(shape), output: dims }
    }
    case 'matmul': {
      const { B, M, N, K, xShared, yShared } = form
      const inputs = [
        [xShared ? 1 : B, M, K],
        [yShared ? 1 : B, N, K],
      ]
      return { inputs, output: [B, M, N] }
    }
    case 'reduce':
      return { inputs: [[form.R, form.K]], output: [form.R] }
    case 'indexed': {
      const { B, V, R, Q } = form
      return node.op === 'Gather'
        ? { inputs: [[B, V, R], [B, Q]], output: [B, Q, R] } // prettier-ignore
        : { inputs: [[B, Q], [B, R, Q]], output: [B, V, R] } // prettier-ignore
    }
    case 'move':
      return { inputs: [form.inDims], output: form.outDims }
    case 'concat': {
      const { O, I, sizes } = form
      const total = sizes.reduce((a, b) => a + b, 0)
      return { inputs: sizes.map((size) => [O, size, I]), output: [O, total, I] }
    }
    case 'generate':
      return { inputs: [], output: [form.N] }
  }
}
