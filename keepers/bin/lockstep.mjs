#!/usr/bin/env node
// The sources are TypeScript with explicit extensions; tsx runs them as they are.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('../src/cli.ts')
process.exitCode = await main(process.argv)
