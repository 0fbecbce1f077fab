// `npm run devnet [-- --optimism] [-- --port N]`: a development chain with the protocol on it, until it is interrupted.
import { parseArgs } from 'node:util'
import { startDevnet } from '../src/devnet/devnet.ts'

const { values } = parseArgs({
  options: {
    optimism: { type: 'boolean', default: false },
    port: { type: 'string', default: '8545' },
  },
})
const devnet = await startDevnet({
  kind: values.optimism ? 'optimism' : 'osaka',
  port: Number(values.port),
  onProgress: (step) => {
    console.error(`${step} ...`)
  },
})
console.log(`${devnet.rpcUrl} ${devnet.deploymentFile}`)
const alive = setInterval(() => undefined, 1 << 30)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(alive)
    void devnet.stop()
  })
}
