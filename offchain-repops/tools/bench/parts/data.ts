import { availableParallelism } from 'node:os'
import type { Part, Row } from '../part.ts'
import { outputOf } from '../script.ts'
import { threadsNote } from '../threads.ts'

/** Least GB/s a core of keccak over leaves. */
const leastKeccak = (kernels: string): number => (kernels === 'avx512' ? 3 : 1.5)

/** Hashing and the kernels that move data, on every instruction set of this machine, with all threads. */
export const part: Part = ({ quick }) => {
  const threads = quick ? 1 : availableParallelism()
  const rows: Row[] = []
  let kernels = ''
  for (const line of outputOf('native/bench.ts', 'data', String(threads)).split('\n')) {
    kernels = /^(\w+), \d+ threads?$/.exec(line)?.[1] ?? kernels
    const found = /^ {2}(.+?):? +(?:[\d.]+ ms +)?([\d.]+) GB\/s/.exec(line)
    if (found === null) continue
    const [, name, rate] = found
    const hashesLeaves = name.startsWith('keccak of 1024')
    rows.push({
      name: `${kernels}: ${name}${name.includes('thread') ? '' : `, ${threadsNote(threads)}`}`,
      value: Number(rate),
      unit: 'GB/s',
      ...(hashesLeaves && kernels !== 'scalar' && { goal: { least: leastKeccak(kernels) } }),
    })
  }
  if (rows.length === 0) throw new Error('the bench of the data kernels printed no figures')
  return Promise.resolve(rows)
}
