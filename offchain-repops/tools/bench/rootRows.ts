import type { Backend } from '../../src/backends/backend.ts'
import type { Hash } from '../../src/commit/hash.ts'
import { runJob, type Job } from '../../src/execute/Job.ts'
import type { Row } from './part.ts'

/** A backend by the name that the table gives it. */
export interface Contender {
  readonly name: string
  /** Rejects with an Error that says why, where this machine cannot run it. */
  open(): Promise<{ readonly backend: Backend; close?(): void }>
}

/**
 * Runs the same job on every contender, from the same initial state, and yields the root of each checkpoint, with the
 * time of the steps before it. Contenders that this machine cannot run are told to `absent`. Throws after the last
 * row where a root differs from that of the first contender, or where there were none to compare.
 */
export async function* rootRows(
  job: Job,
  contenders: readonly Contender[],
  absent: (name: string, reason: unknown) => void,
): AsyncGenerator<Row, void> {
  let first: { readonly name: string; readonly roots: readonly Hash[] } | undefined
  let compared = 0
  const differences: string[] = []
  for (const contender of contenders) {
    const { name } = contender
    let opened
    try {
      opened = await contender.open()
    } catch (reason) {
      absent(name, reason)
      continue
    }
    try {
      const roots: Hash[] = []
      let [start, done] = [performance.now(), 0]
      for await (const { step, root } of runJob(job, { backend: opened.backend })) {
        const milliseconds = step === done ? 0 : (performance.now() - start) / (step - done)
        yield { name: `${name}, step ${step}: ${root}`, value: milliseconds, unit: 'ms a step' }
        roots.push(root)
        const other = first?.roots[roots.length - 1]
        if (other !== undefined && other !== root)
          differences.push(`${name} has ${root} at step ${step}, ${first?.name} has ${other}`)
        ;[start, done] = [performance.now(), step]
      }
      first ??= { name, roots }
      compared++
    } finally {
      opened.close?.()
    }
  }
  if (differences.length > 0) throw new Error(differences.join('; '))
  if (compared < 2) throw new Error(`${compared} backends ran: there is nothing to compare`)
}
