import * as schema from '../../../ponder.schema.ts'
import { type AppOptions, createApp } from '../app.ts'
import type { Database } from '../data/database.ts'

export interface Answer<Data> {
  readonly status: number
  readonly data: Data
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly unknown[]
    readonly extensions: Record<string, unknown>
  }[]
}

export const DEPLOYMENT = {
  chainId: 31337,
  contracts: { token: '0x0000000000000000000000000000000000000001' },
} as never

/** The server over a database, asked without a network. `Data` is what the test asks for. */
export function testServer<Data>(database: Database, options: Partial<AppOptions> = {}) {
  const app = createApp({ database, schema, deployment: DEPLOYMENT, ...options })
  const request = async (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    app.request('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
  const ask = async (query: string, variables: object = {}): Promise<Answer<Data>> => {
    const response = await request(JSON.stringify({ query, variables }))
    return { status: response.status, ...((await response.json()) as Omit<Answer<Data>, 'status'>) }
  }
  return {
    app,
    request,
    ask,
    /** What a query without errors answers. */
    read: async (query: string, variables: object = {}): Promise<Data> => {
      const { data, errors } = await ask(query, variables)
      if (errors) throw new Error(JSON.stringify(errors))
      return data
    },
    /** The events of a subscription, as they come. */
    subscribe: async function* (query: string, signal?: AbortSignal): AsyncGenerator<Answer<Data>> {
      const response = await app.request('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query }),
        ...(signal ? { signal } : {}),
      })
      const reader = response.body!.getReader()
      signal?.addEventListener('abort', () => void reader.cancel().catch(() => undefined))
      let text = ''
      const decoder = new TextDecoder()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        text += decoder.decode(value as Uint8Array, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop()!
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1]
          if (data && block.includes('event: next')) {
            yield { status: response.status, ...(JSON.parse(data) as Omit<Answer<Data>, 'status'>) }
          }
        }
      }
    },
  }
}
