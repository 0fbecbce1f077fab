// `npm run test:indexer [-- --seeds 5]`: long ordeals of several seeds, with everything that can go wrong.
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { undergo } from '../testing/ordeal.ts'
import { Bench } from '../testing/run.ts'

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '5' } } })
const bench = new Bench()
let failures = 0
try {
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const { troubled, clean, events, reorganised } = await undergo(bench, {
      seed,
      blocks: 60,
      rounds: 20,
      troubles: ['http500', 'rateLimit', 'cut', 'behind', 'silence'],
      restarts: ['SIGKILL', 'SIGTERM', 'SIGKILL'],
    })
    const wrong = [...clean].filter(
      ([table, rows]) => !isDeepStrictEqual(troubled.get(table), rows),
    )
    if (clean.get('event')?.length !== events || wrong.length > 0) failures++
    console.log(
      `seed ${seed}: ${events} events, ${reorganised} reorganisations, ` +
        (wrong.length === 0
          ? 'every row the same'
          : `other rows in ${wrong.map(([t]) => t).join(', ')}`),
    )
  }
} finally {
  bench.remove()
}
process.exitCode = failures === 0 ? 0 : 1
