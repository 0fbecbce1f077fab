// `npm run devnet [-- --optimism] [-- --port N]`: a development chain with the protocol on it, until it is interrupted.
import { parseArgs } from 'node:util'
import { startDevnet } from '../src/devnet/devnet.ts'

const USAGE = `usage: npm run devnet -- [--optimism] [--port <port>]

A development chain with the protocol on it, until it is interrupted. Its accounts are those of
"test test test test test test test test test test test junk", each with ether and 1,000,000 $AI.

  --optimism     the portable build on anvil's OP Stack mode, L1 data fee charged
  --port <port>  of 127.0.0.1 (default: 8545)
  -h, --help     show this

lockstep up runs such a chain with a solver and a challenger.`

function refuse(problem: unknown): never {
  console.error(problem instanceof Error ? problem.message : String(problem))
  console.error(USAGE)
  process.exit(2)
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        optimism: { type: 'boolean', default: false },
        port: { type: 'string', default: '8545' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    return refuse(error)
  }
}

const { values } = readArguments()
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
  refuse(`--port wants a number up to 65535, not ${JSON.stringify(values.port)}`)
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
