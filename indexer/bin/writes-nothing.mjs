// Loaded before the indexer. At every start Ponder writes ponder-env.d.ts into the folder of the code, for editors; an
// installation that cannot be written to would forbid it, and what is there is right already.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { writeFileSync } = fs
fs.writeFileSync = (file, ...rest) => {
  if (!String(file).endsWith('ponder-env.d.ts')) writeFileSync(file, ...rest)
}
syncBuiltinESMExports()
