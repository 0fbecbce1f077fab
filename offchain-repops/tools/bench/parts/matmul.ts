import { against, type Part, type Row } from '../part.ts'
import { outputOf } from '../script.ts'
import { threadsNote } from '../threads.ts'

/** What `bench:matmul --json` prints. */
interface Output {
  readonly rows: readonly {
    readonly shape: string
    readonly threads: number
    /** GFLOP/s by contender. */
    readonly rates: Readonly<Record<string, number>>
    /** GB/s, of thin products. */
    readonly bandwidth?: { readonly native: number; readonly plain: number }
  }[]
}

/** Matrix products beside OpenBLAS and ONNX Runtime; thin ones beside a plain read of their weights, too. */
export const part: Part = function* ({ quick, threads }) {
  const { rows } = JSON.parse(
    outputOf(
      'bench/matmul.ts',
      '--json',
      '--threads',
      threads.join(),
      ...(quick ? ['--quick'] : []),
    ),
  ) as Output
  yield* rows.flatMap(({ shape, threads, rates: { native, ...peers }, bandwidth }): Row[] => {
    const name = `${shape}, ${threadsNote(threads)}`
    if (bandwidth !== undefined) {
      const row = { name, value: bandwidth.native, unit: 'GB/s', goal: { least: 0.9 } }
      return [against(row, 'more', 'a plain read', bandwidth.plain)]
    }
    const row = { name, value: native, unit: 'GFLOP/s', goal: { least: 1 } }
    return Object.entries(peers).map(([peer, rate]) => against(row, 'more', peer, rate))
  })
}
