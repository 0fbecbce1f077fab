/** What keeps a measurement from being made, or makes it worthless. */
export class BenchError extends Error {
  override readonly name = 'BenchError'
}
