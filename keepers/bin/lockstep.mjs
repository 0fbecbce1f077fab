#!/usr/bin/env node
import { load } from './bundle.mjs'

// Whoever reads our output may have seen enough (lockstep status | head).
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const { main } = await load('keepers/src/cli.ts')
process.exitCode = await main(process.argv)
