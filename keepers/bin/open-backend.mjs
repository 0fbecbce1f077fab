// Opens the backend that its argument names and sends what came of it to the process that started it: a GPU's driver may
// hang, or bring the process down.
import { load } from './bundle.mjs'

const { openOnce } = await load('keepers/src/doctor/open-once.ts')
process.send(await openOnce(process.argv[2]), () => process.exit())
