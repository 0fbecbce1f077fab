#!/usr/bin/env node
import { createRequire } from 'node:module'
import { load } from './bundle.mjs'

// Whoever reads our output may have seen enough (lockstep status | head).
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

// A terminal that does not know how wide it is says 0, and prompts would write a letter on each line.
for (const stream of [process.stdout, process.stderr]) if (stream.columns === 0) stream.columns = 80

try {
  createRequire(import.meta.url).resolve('tsx/package.json')
} catch {
  process.stderr.write(
    'error: packages are not installed (node_modules): npm run setup [not-installed]\n',
  )
  process.exit(2)
}

const { main } = await load('keepers/src/cli.ts')
const status = await main(process.argv)
// A run that is under way goes on where it was at the next start: nobody waits for it here.
process.stdout.write('', () => process.exit(status))
