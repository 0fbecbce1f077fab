/** Bytes of the words of tensors, each of them counted. */
export function bytesOf(tensors: readonly { readonly count: number }[]): number {
  return 4 * tensors.reduce((sum, { count }) => sum + count, 0)
}
