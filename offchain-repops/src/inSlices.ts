/**
 * Does work that a generator cuts into small pieces in the caller's thread, and lets its event loop go round every few
 * milliseconds.
 */
export async function inSlices<T>(work: Generator<void, T>, sliceMs = 10): Promise<T> {
  for (let started = performance.now(); ; ) {
    const piece = work.next()
    if (piece.done === true) return piece.value
    if (performance.now() - started < sliceMs) continue
    await new Promise((resolve) => setTimeout(resolve))
    started = performance.now()
  }
}

/** The same work in one go. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const piece = work.next()
    if (piece.done === true) return piece.value
  }
}
