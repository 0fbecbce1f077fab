/** runPart.ts PART BACKEND THREADS [--quick]: runs one part and prints its rows as they come, a line of JSON each. */
import { openBackendByName } from '../../src/backends/byName.ts'
import { PARTS } from './parts.ts'
import { threadCounts } from './threads.ts'

const [name, backend, threads, ...flags] = process.argv.slice(2)
const entry = PARTS.get(name)
if (entry === undefined) throw new Error(`there is no part ${name}`)
const { part } = await entry.load()
const options = {
  quick: flags.includes('--quick'),
  threads: threadCounts(threads),
  open: (threads: number) => openBackendByName(backend, { threads }),
}
for await (const row of part(options)) process.stdout.write(`${JSON.stringify(row)}\n`)
