/** runPart.ts PART BACKEND [--quick]: runs one part and prints its rows as JSON. */
import { openBackendByName } from '../../src/backends/byName.ts'
import { PARTS } from './parts.ts'

const [name, backend, ...flags] = process.argv.slice(2)
const entry = PARTS.get(name)
if (entry === undefined) throw new Error(`there is no part ${name}`)
const { part } = await entry.load()
const rows = await part({
  quick: flags.includes('--quick'),
  open: (threads) => openBackendByName(backend, { threads }),
})
process.stdout.write(JSON.stringify(rows))
