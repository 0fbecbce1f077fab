import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { chainIdOf } from '../data/chainId.ts'
import { useHead } from '../data/useHead.ts'
import { Notice, Page } from '../ui/Page.tsx'

/** Shows the page unless GraphQL or the RPC turns out to be of another chain than config.json says. */
export function Network({ children }: { children: ReactNode }) {
  const { chainId, rpcUrl, graphqlUrl } = useConfig()
  const { head } = useHead()
  const rpc = useQuery({
    queryKey: ['chain', rpcUrl, 'id'],
    queryFn: ({ signal }) => chainIdOf(rpcUrl, signal),
    refetchInterval: ({ state }) => (state.data === undefined ? 5000 : 60_000),
  })
  const wrong = [
    { what: 'The indexer', url: graphqlUrl, is: head?.meta.chainId },
    { what: 'The RPC', url: rpcUrl, is: rpc.data },
  ].find(({ is }) => is !== undefined && is !== chainId)
  if (wrong === undefined) return children
  return (
    <Page title="Another chain">
      <Notice tone="bad">
        <p>
          {wrong.what} at <span className="foreign">{wrong.url}</span> is of chain{' '}
          <strong>{wrong.is}</strong>, but <code>config.json</code> says chain{' '}
          <strong>{chainId}</strong>.
        </p>
        <p>
          Nothing is shown, because it would be of another network. Whoever runs this page must make{' '}
          <code>chainId</code>, <code>rpcUrl</code>, <code>graphqlUrl</code> and{' '}
          <code>contracts</code> in config.json agree.
        </p>
      </Notice>
    </Page>
  )
}
