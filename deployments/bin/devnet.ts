// `npm run devnet [-- --optimism] [-- --port N]`: a development chain with the protocol on it, until it is interrupted.
import { parseArgs } from 'node:util'
import { startDevnet } from '../src/devnet/devnet.ts'

function usage(problem: unknown): never {
  console.error(problem instanceof Error ? problem.message : String(problem))
  console.error('usage: npm run devnet -- [--optimism] [--port <n>]')
  process.exit(2)
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        optimism: { type: 'boolean', default: false },
        port: { type: 'string', default: '8545' },
      },
    })
  } catch (error) {
    return usage(error)
  }
}

const { values } = readArguments()
if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
  usage(`--port wants a number up to 65535, not ${JSON.stringify(values.port)}`)
const devnet = await startDevnet({
  kind: values.optimism ? 'optimism' : 'osaka',
  port: Number(values.port),
  onProgress: (step) => {
    console.error(`${step} ...`)
  },
})
console.log(`--rpc ${devnet.rpcUrl} --deployment ${devnet.deploymentFile}`)
const alive = setInterval(() => undefined, 1 << 30)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(alive)
    void devnet.stop()
  })
}
