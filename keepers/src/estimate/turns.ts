/** What is looked at together: some milliseconds. */
const TURN = 1024

/** Goes through many things and lets others have their turn now and then. */
export async function* inTurns<T>(things: Iterable<T>): AsyncGenerator<T, void> {
  let done = 0
  for (const thing of things) {
    if (done++ % TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve))
    yield thing
  }
}
