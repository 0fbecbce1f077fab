// `npm run page -- --graphql URL --rpc URL --deployment FILE`: serves the explorer for a deployment.
import { loadDeployment } from '@lockstep/deployments'
import { parseArgs } from 'node:util'
import { parseConfig } from '../src/config/config.ts'
import { startPage } from './startPage.ts'

const USAGE = `Serves the explorer page: npm run page -- [options]

  --graphql URL      the indexer's GraphQL                 (required)
  --rpc URL          an RPC of the chain                   (required)
  --deployment FILE  deployments/<chain id>.json           (required; a chain id does as well)
  --artifacts URL    a store of artifacts; any number
  --explorer URL     a block explorer of the chain (https://…), for links to transactions, addresses and blocks
  --port PORT        on which it is served, 4173 if not said
  --host HOST        127.0.0.1 if not said
  --print            prints config.json for another file server beside app/dist, and ends
`

const fail = (what: string): never => {
  console.error(`${what}\n\n${USAGE}`)
  process.exit(2)
}

const options = {
  graphql: { type: 'string' },
  rpc: { type: 'string' },
  deployment: { type: 'string' },
  artifacts: { type: 'string', multiple: true },
  explorer: { type: 'string' },
  port: { type: 'string', default: '4173' },
  host: { type: 'string', default: '127.0.0.1' },
  print: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const read = () => {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    return fail((error as Error).message)
  }
}
const values = read()
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const required = (name: 'graphql' | 'rpc' | 'deployment'): string =>
  values[name] ?? fail(`--${name} is missing.`)
const port = Number(values.port)
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`--port ${values.port} is no port.`)

try {
  const [graphqlUrl, rpcUrl, from] = [required('graphql'), required('rpc'), required('deployment')]
  const { chainId, contracts } = loadDeployment(from)
  const { artifacts = [], explorer } = values
  const config = { chainId, rpcUrl, graphqlUrl, contracts, artifacts, explorer }
  // What the page would refuse is not served; where it will be is not known yet.
  parseConfig(config, 'http://127.0.0.1/', (field) => `--${field.replace(/Url$|\[\d+\]$/, '')}`)
  if (values.print) console.log(JSON.stringify(config, null, 2))
  else {
    const page = await startPage({ config, port, host: values.host })
    console.log(`The page is at ${page.url}`)
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void page.stop())
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
