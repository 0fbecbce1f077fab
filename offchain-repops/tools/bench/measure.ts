/** The shortest of `times` runs, in seconds; one more run before them is not counted. */
export async function bestSeconds(times: number, run: () => unknown): Promise<number> {
  await run()
  let best = Infinity
  for (let i = 0; i < times; i++) {
    const start = performance.now()
    await run()
    best = Math.min(best, performance.now() - start)
  }
  return best / 1000
}
