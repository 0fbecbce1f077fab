import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keccak256, toHex } from 'viem'
import { type Block, type FakeChain, renderBlock, renderLogs, renderReceipts } from './chain.ts'

/** What a node does to a request before it answers: nothing, or something bad. */
export type Trouble = 'none' | 'http500' | 'rateLimit' | 'silence' | 'cut' | 'behind'

export interface FakeNode {
  readonly url: string
  /** Requests so far, by method. */
  readonly calls: Map<string, number>
  /** Asked for every request. */
  trouble: (method: string) => Trouble
  stop(): Promise<void>
}

/** How far a node that is behind lies back. */
const BEHIND = 2

interface Call {
  readonly id: number
  readonly method: string
  readonly params?: readonly unknown[]
}

/** Serves a chain as JSON-RPC on a free port of 127.0.0.1. */
export async function startNode(chain: FakeChain): Promise<FakeNode> {
  const calls = new Map<string, number>()
  const node: Pick<FakeNode, 'calls' | 'trouble'> = { calls, trouble: () => 'none' }
  const index = new LogIndex(chain)
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const call = JSON.parse(body) as Call
      calls.set(call.method, (calls.get(call.method) ?? 0) + 1)
      const trouble = node.trouble(call.method)
      const end = (status: number, text: string): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(text)
      }
      if (trouble === 'silence') return
      if (trouble === 'cut') return request.socket.destroy()
      if (trouble === 'http500') {
        end(500, 'Internal Server Error')
        return
      }
      if (trouble === 'rateLimit') {
        end(429, '{"error":"too many requests"}')
        return
      }
      const result = answer(chain, index, call, trouble === 'behind' ? BEHIND : 0)
      end(200, JSON.stringify({ jsonrpc: '2.0', id: call.id, ...result }))
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(node, {
    url,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

interface Filter {
  readonly address?: string | readonly string[]
  readonly topics?: readonly (string | readonly string[] | null)[]
  readonly fromBlock?: string
  readonly toBlock?: string
  readonly blockHash?: `0x${string}`
}

function answer(
  chain: FakeChain,
  index: LogIndex,
  { method, params = [] }: Call,
  behind: number,
): { result: unknown } | { error: unknown } {
  const newest = Math.max(0, chain.head.number - behind)
  const blockOf = (tag: unknown): Block | undefined => {
    if (tag === 'latest' || tag === 'pending') return chain.blocks[newest]
    if (tag === 'earliest') return chain.blocks[0]
    const number = Number(tag)
    return number <= newest ? chain.blocks[number] : undefined
  }
  const rendered = (block: Block | undefined): { result: unknown } => ({
    result: block === undefined ? null : renderBlock(block, params[1] === true),
  })
  switch (method) {
    case 'eth_chainId':
      return { result: toHex(chain.deployment.chainId) }
    case 'eth_blockNumber':
      return { result: toHex(newest) }
    case 'eth_getCode':
      return { result: '0x6000' }
    case 'eth_getBlockByNumber':
      return rendered(blockOf(params[0]))
    case 'eth_getBlockByHash':
      return rendered(chain.byHash(params[0] as `0x${string}`))
    case 'eth_getBlockReceipts': {
      const block = chain.byHash(params[0] as `0x${string}`) ?? blockOf(params[0])
      return { result: block === undefined ? null : renderReceipts(block) }
    }
    case 'eth_getLogs': {
      const filter = params[0] as Filter
      if (filter.blockHash !== undefined) {
        const block = chain.byHash(filter.blockHash)
        if (block === undefined) return { error: { code: -32000, message: 'unknown block' } }
        return { result: index.find(filter, block.number, block.number) }
      }
      const [from, to] = [Number(filter.fromBlock ?? 0), Number(filter.toBlock ?? newest)]
      return { result: index.find(filter, from, Math.min(to, newest)) }
    }
    case 'eth_call':
      // A referee's word: of its arguments alone, like the real one's.
      return {
        result: `0x${keccak256((params[0] as { data: `0x${string}` }).data)
          .slice(2, 10)
          .padStart(64, '0')}`,
      }
    default:
      return { error: { code: -32601, message: `the method ${method} does not exist` } }
  }
}

/** Logs of blocks by their first topic, so that a question is not a search of the whole chain. */
class LogIndex {
  readonly #chain: FakeChain
  readonly #rendered: { hash: string; byTopic: Map<string, Record<string, unknown>[]> }[] = []

  constructor(chain: FakeChain) {
    this.#chain = chain
  }

  find({ address, topics = [] }: Filter, from: number, to: number): unknown[] {
    const [first] = topics
    const wanted = typeof first === 'string' ? [first] : first
    const found: Record<string, unknown>[] = []
    for (let number = from; number <= to; number++) {
      const { byTopic } = this.#of(number)
      for (const topic of wanted ?? byTopic.keys()) {
        for (const log of byTopic.get(topic) ?? []) {
          if (isAmong(log.address as string, address) && topicsFit(log, topics)) found.push(log)
        }
      }
    }
    return found.sort(
      (a, b) =>
        Number(a.blockNumber) - Number(b.blockNumber) || Number(a.logIndex) - Number(b.logIndex),
    )
  }

  #of(number: number): { hash: string; byTopic: Map<string, Record<string, unknown>[]> } {
    const block = this.#chain.blocks[number]
    const known = this.#rendered.at(number)
    if (known !== undefined && number >= 0 && known.hash === block.hash) return known
    const byTopic = new Map<string, Record<string, unknown>[]>()
    for (const log of renderLogs(block)) {
      const [topic] = log.topics as string[]
      const others = byTopic.get(topic)
      if (others === undefined) byTopic.set(topic, [log])
      else others.push(log)
    }
    return (this.#rendered[number] = { hash: block.hash, byTopic })
  }
}

const isAmong = (address: string, wanted: string | readonly string[] | undefined): boolean =>
  wanted === undefined ||
  (typeof wanted === 'string' ? [wanted] : wanted).some(
    (one) => one.toLowerCase() === address.toLowerCase(),
  )

const topicsFit = (
  log: Record<string, unknown>,
  topics: readonly (string | readonly string[] | null)[],
): boolean =>
  topics.every((topic, i) => {
    if (i === 0 || topic === null) return true
    return (typeof topic === 'string' ? [topic] : topic).includes((log.topics as string[])[i])
  })
