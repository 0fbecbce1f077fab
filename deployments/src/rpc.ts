import { DeploymentError } from './errors.ts'
import { withoutSecrets } from './withoutSecrets.ts'

/** A JSON-RPC endpoint. Node's fetch is all it needs, so that this package depends on nothing. */
export interface Rpc {
  readonly url: string
  /** The result of one call; a DeploymentError `badRpc` that says which call failed and why. */
  call(method: string, ...params: readonly unknown[]): Promise<unknown>
}

export function connectRpc(url: string): Rpc {
  let id = 0
  return {
    url,
    async call(method, ...params) {
      let reply: { result?: unknown; error?: { message?: unknown } }
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
          signal: AbortSignal.timeout(60_000),
        })
        reply = (await response.json()) as typeof reply
      } catch (cause) {
        throw new DeploymentError(
          'badRpc',
          `${method} got no answer from ${withoutSecrets(url)}: is it running?`,
          { cause },
        )
      }
      if (reply.error !== undefined) {
        throw new DeploymentError(
          'badRpc',
          `${method} failed at ${withoutSecrets(url)}: ${String(reply.error.message)}`,
        )
      }
      return reply.result
    },
  }
}
