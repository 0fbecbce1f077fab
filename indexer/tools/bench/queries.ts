import { type Indexer, startIndexer } from '../../start.ts'
import { pageDocuments } from '../../testing/documents.ts'
import { reached } from '../../testing/run.ts'
import type { Note, World } from './bench.ts'
import type { Database } from './databases.ts'
import { BenchError } from './error.ts'

const PATIENCE_SECONDS = 3_600
/** Requests of each question that are not counted: plans and code get warm. */
const WARM = 20
const REQUESTS = 100
/** Of the explorer's lists. */
const PAGE = 50
/** Rows that are asked for in turn, half of them the newest or busiest. */
const ROWS = 40

/** Times the ten questions that the explorer asks most over HTTP, one at a time, of an indexer that is at the head. */
export async function measureQueries(
  { chain, scenario, node, bench }: World,
  database: Database,
  note: Note,
): Promise<void> {
  const indexer = await startIndexer({
    ...database.options('ours'),
    rpcUrl: node.url,
    deploymentFile: bench.deploymentFile,
    pollingInterval: 1_000,
  })
  try {
    await reached(indexer, chain.head.number, PATIENCE_SECONDS)
    const variables = await variablesOf(indexer, chain.deployment.chainId)
    const documents = pageDocuments()
    for (const [operationName, given] of Object.entries(variables)) {
      const times: number[] = []
      for (let i = 0; i < WARM + REQUESTS; i++) {
        const start = performance.now()
        await ask(indexer, {
          query: documents.get(operationName),
          variables: given[i % given.length],
        })
        times.push(performance.now() - start)
      }
      const sorted = times.slice(WARM).sort((a, b) => a - b)
      const [median, slow] = [sorted[REQUESTS / 2], sorted[(REQUESTS * 95) / 100]]
      note(
        `${operationName} at ${scenario.events} events, median and 95 of 100`,
        `${median.toFixed(1)}, ${slow.toFixed(1)}`,
        'ms',
      )
    }
  } finally {
    await indexer.stop()
  }
}

type Variables = Readonly<Record<string, unknown>>

/** What each question is asked with: rows that are busy and rows that are not, pages at the start and in the midst. */
async function variablesOf(
  indexer: Indexer,
  chainId: number,
): Promise<Record<string, Variables[]>> {
  const idsOf = async (list: string, orderBy: string): Promise<Variables[]> => {
    const page = `nodes { id }`
    const { busy, idle } = (await ask(indexer, {
      query: `{ busy: ${list}(first: ${ROWS / 2}, orderBy: ${orderBy}, orderDirection: desc) { ${page} }
                idle: ${list}(first: ${ROWS / 2}, orderBy: ${orderBy}, orderDirection: asc) { ${page} } }`,
    })) as Record<string, { nodes: { id: string }[] }>
    return [...busy.nodes, ...idle.nodes].map(({ id }) => ({ id }))
  }
  const pagesOf = async (list: string, order: string, where: object): Promise<Variables[]> => {
    const pages: Variables[] = [{ first: PAGE, where }]
    for (let i = 0; i < 10; i++) {
      const { after } = pages[i]
      const found = (await ask(indexer, {
        query: `query ($after: String) { ${list}(first: 100, after: $after, ${order}) { pageInfo { hasNextPage endCursor } } }`,
        variables: { after },
      })) as Record<string, { pageInfo: { hasNextPage: boolean; endCursor: string } }>
      if (!found[list].pageInfo.hasNextPage) break
      pages.push({ first: PAGE, where, after: found[list].pageInfo.endCursor })
    }
    return pages
  }
  const accounts = await idsOf('accounts', 'trades')
  return {
    Overview: [{ network: String(chainId) }],
    Jobs: await pagesOf('jobs', 'orderBy: postedAt, orderDirection: desc', {}),
    Job: await idsOf('jobs', 'id'),
    Disputes: await pagesOf('disputes', 'orderBy: openedAt, orderDirection: desc', {}),
    Dispute: await idsOf('disputes', 'gas'),
    Operators: [{ first: PAGE, orderBy: 'earned' }],
    Markets: await pagesOf('markets', 'orderBy: createdAt, orderDirection: desc', {}),
    Market: (await idsOf('markets', 'tradeCount')).map((id) => ({ ...id, outcomes: 16 })),
    Account: accounts,
    Search: accounts.map(({ id }) => ({ text: id })),
  }
}

async function ask({ url }: Indexer, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { data, errors } = (await response.json()) as {
    data: Record<string, unknown>
    errors?: { message: string }[]
  }
  if (errors !== undefined) throw new BenchError(`a question was refused: ${errors[0].message}`)
  return data
}
