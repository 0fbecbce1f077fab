#!/usr/bin/env node
import { bundle } from './bundle.mjs'

// Whoever reads our output may have seen enough (lockstep status | head).
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const { main } = await load()
process.exitCode = await main(process.argv)

async function load() {
  try {
    const url = await bundle()
    process.setSourceMapsEnabled(true)
    return await import(url)
  } catch {
    // Where nothing can be written, the sources run as they are, and any other fault is theirs to tell.
    const { register } = await import('tsx/esm/api')
    register()
    return import('../src/cli.ts')
  }
}
