import type { Part } from '../part.ts'
import { outputOf } from '../script.ts'
import { threadsNote } from '../threads.ts'

/** Least GB/s a core of keccak over leaves. */
const leastKeccak = (kernels: string): number => (kernels === 'avx512' ? 3 : 1.5)

/** Hashing and the kernels that move data, on every instruction set of this machine, with the most threads. */
export const part: Part = function* ({ quick, threads: counts }) {
  const threads = quick ? 1 : Math.max(...counts)
  let found = false
  let kernels = ''
  for (const line of outputOf('native/bench.ts', 'data', String(threads)).split('\n')) {
    kernels = /^(\w+), \d+ threads?$/.exec(line)?.[1] ?? kernels
    const match = /^ {2}(.+?):? +(?:[\d.]+ ms +)?([\d.]+) GB\/s/.exec(line)
    if (match === null) continue
    found = true
    const [, name, rate] = match
    const hashesLeaves = name.startsWith('keccak of 1024')
    yield {
      name: `${kernels}: ${name}${name.includes('thread') ? '' : `, ${threadsNote(threads)}`}`,
      value: Number(rate),
      unit: 'GB/s',
      ...(hashesLeaves && kernels !== 'scalar' && { goal: { least: leastKeccak(kernels) } }),
    }
  }
  if (!found) throw new Error('the bench of the data kernels printed no figures')
}
