// `npm run indexer -- --rpc <url>`: the indexer and its GraphQL, until it is interrupted.
import { parseArgs } from 'node:util'
import { startIndexer } from '../start.ts'

const USAGE = `usage: npm run indexer -- --rpc <url> [options]

  --rpc <url>          a node of the deployment's chain (LOCKSTEP_RPC)
  --deployment <file>  where the protocol lives, as npm run deploy wrote it, or a chain id; default the entry of the
                       node's chain in deployments/ (LOCKSTEP_DEPLOYMENT)
  --port <n>           of 127.0.0.1; default 42069
  --home <folder>      for the files of the built-in database; default .lockstep/indexer/<chain id>
  --database <url>     PostgreSQL instead (DATABASE_URL)
  --verbose            the whole log, one JSON object a line
  --help`

function fail(problem: unknown, code: number): never {
  console.error(problem instanceof Error ? problem.message : String(problem))
  if (code === 2) console.error(`\n${USAGE}`)
  process.exit(code)
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        rpc: { type: 'string', default: process.env.LOCKSTEP_RPC ?? '' },
        deployment: { type: 'string', default: process.env.LOCKSTEP_DEPLOYMENT ?? '' },
        port: { type: 'string', default: '42069' },
        home: { type: 'string' },
        database: { type: 'string', default: process.env.DATABASE_URL ?? '' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    return values
  } catch (error) {
    return fail(error, 2)
  }
}

const values = readArguments()
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
if (values.rpc === '') fail('--rpc is missing', 2)
if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
  fail(`--port wants a number up to 65535, not ${JSON.stringify(values.port)}`, 2)
}
const abort = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    abort.abort()
  })
}
try {
  const indexer = await startIndexer({
    rpcUrl: values.rpc,
    port: Number(values.port),
    signal: abort.signal,
    ...(values.deployment === '' ? {} : { deploymentFile: values.deployment }),
    ...(values.home === undefined ? {} : { home: values.home }),
    ...(values.database === '' ? {} : { databaseUrl: values.database }),
    log: (line) => {
      if (values.verbose) console.error(JSON.stringify(line))
      else if (['warn', 'error', 'fatal'].includes(line.level)) console.error(line.msg)
    },
  })
  console.log(`${indexer.url}/graphql`)
  const code = await indexer.ended
  if (!abort.signal.aborted) fail(`the indexer ended with code ${String(code)}`, 1)
} catch (error) {
  if (!abort.signal.aborted) fail(error, 1)
}
