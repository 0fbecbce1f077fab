import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { type Deployment, withoutSecrets } from '@lockstep/deployments'
import pg from 'pg'
import { createPublicClient, type Hash, http } from 'viem'
import { IndexerError } from './errors.ts'

/** The chain that a node is on. */
export async function chainIdOf(rpcUrl: string): Promise<number> {
  const { client, ask } = connect(rpcUrl)
  return ask('its chain id', client.getChainId())
}

/**
 * Asks everything that the indexer needs before it is started, so that what is wrong is said in a line. Returns the
 * hash of the deployment's first block, which tells one chain of an id from the next.
 */
export async function checkChain(rpcUrl: string, deployment: Deployment): Promise<Hash> {
  const { client, node, ask } = connect(rpcUrl)
  const chainId = await ask('its chain id', client.getChainId())
  if (chainId !== deployment.chainId) {
    throw new IndexerError(
      'wrongChain',
      `${node} is on chain ${chainId}, the deployment is on ${deployment.chainId}: name a node of that chain, or ` +
        `another deployment`,
    )
  }
  const missing = await Promise.all(
    Object.entries(deployment.contracts).map(async ([name, address]) => {
      const code = await ask(`the code of ${name}`, client.getCode({ address }))
      return code === undefined ? [`${name} (${address})`] : []
    }),
  )
  if (missing.flat().length > 0) {
    throw new IndexerError(
      'noContracts',
      `chain ${chainId} at ${node} has no code for ${missing.flat().join(', ')}: the deployment is of another ` +
        `chain with this id, or the node is behind block ${deployment.startBlock}; deploy again or wait`,
    )
  }
  const block = client.getBlock({ blockNumber: deployment.startBlock })
  return (await ask(`block ${deployment.startBlock}`, block)).hash
}

function connect(rpcUrl: string) {
  const client = createPublicClient({ transport: http(rpcUrl, { retryCount: 1, timeout: 10_000 }) })
  const node = withoutSecrets(rpcUrl)
  const ask = async <T>(what: string, question: Promise<T>): Promise<T> =>
    question.catch((cause: unknown) => {
      throw new IndexerError(
        'badRpc',
        `${node} does not tell ${what}: ${rootOf(cause)}; start the node, or name another`,
        { cause },
      )
    })
  return { client, node, ask }
}

export async function checkPostgres(databaseUrl: string): Promise<void> {
  if (!/^postgres(ql)?:$/.test(protocolOf(databaseUrl))) {
    throw new IndexerError(
      'badSettings',
      'the address of the database cannot be read: give one as postgres://user:password@host:port/database',
    )
  }
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  try {
    await client.connect()
    const { rows } = await client.query<Record<'may_create' | 'encoding' | 'role', unknown>>(
      `select has_database_privilege(current_database(), 'CREATE') as may_create, current_user as role,
        current_setting('server_encoding') as encoding`,
    )
    const [{ may_create: mayCreate, encoding, role }] = rows
    const place = withoutSecrets(databaseUrl)
    if (mayCreate !== true) {
      throw new IndexerError(
        'badDatabase',
        `${String(role)} may not create schemas in PostgreSQL at ${place}: GRANT CREATE ON DATABASE … TO ` +
          `${String(role)}, or name another role`,
      )
    }
    if (encoding !== 'UTF8') {
      throw new IndexerError(
        'badDatabase',
        `the database of PostgreSQL at ${place} has the encoding ${String(encoding)}: make one with ` +
          `ENCODING 'UTF8' TEMPLATE template0, and name that`,
      )
    }
  } catch (cause) {
    if (cause instanceof IndexerError) throw cause
    throw new IndexerError(
      'badDatabase',
      `PostgreSQL at ${withoutSecrets(databaseUrl)} does not answer: ${messageOf(cause)}; start it, or leave out ` +
        `the database to use files`,
      { cause },
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}

export function checkFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
  } catch (cause) {
    throw new IndexerError(
      'badDatabase',
      `${folder} cannot be written: ${messageOf(cause)}; name another folder as --home`,
      { cause },
    )
  }
}

/** The port, or a free one for 0. */
export async function freePort(port: number): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new IndexerError(
          'portTaken',
          `port ${port} of 127.0.0.1 is taken: ${messageOf(cause)}; name another as --port, or none for a free one`,
          { cause },
        ),
      )
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      const found = typeof address === 'object' && address !== null ? address.port : port
      server.close(() => {
        resolve(found)
      })
    })
  })
}

const protocolOf = (url: string): string => (URL.canParse(url) ? new URL(url).protocol : '')

/** What was behind an error at last, in a line: of a request that failed, why. */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { status, shortMessage, cause } = error as {
    status?: number
    shortMessage?: string
  } & Error
  if (status !== undefined) return `it answers with HTTP ${status}`
  if (cause !== undefined) return rootOf(cause)
  return (shortMessage ?? messageOf(error)).split('\n')[0]
}

const messageOf = (cause: unknown): string => {
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join(', ')
  return cause instanceof Error ? cause.message : String(cause)
}
