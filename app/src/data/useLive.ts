import { useQueryClient } from '@tanstack/react-query'
import type { TadaDocumentNode } from 'gql.tada'
import { createClient } from 'graphql-sse'
import { useEffect, useEffectEvent } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { textOf } from './ask.ts'

/**
 * Hears a subscription while the component is there and tells each value to `take`, which usually puts it into the
 * cache (`useQueryClient().setQueryData(answerKey(…))`). If it breaks off it is begun again; until then the page's pulse
 * has everything read again after a block, so nothing depends on it but speed.
 */
export function useLive<Result, Variables extends Record<string, unknown>>(
  document: TadaDocumentNode<Result, Variables>,
  variables: Variables,
  take: (value: Result, queries: ReturnType<typeof useQueryClient>) => void,
  enabled = true,
): void {
  const { graphqlUrl } = useConfig()
  const queries = useQueryClient()
  const asked = JSON.stringify(variables)
  const onValue = useEffectEvent((value: Result) => {
    take(value, queries)
  })
  useEffect(() => {
    if (!enabled) return
    const client = createClient({
      url: graphqlUrl,
      retryAttempts: Infinity,
      retry: (retries) =>
        new Promise((resolve) => setTimeout(resolve, Math.min(30_000, 1000 * 2 ** retries))),
    })
    const stop = client.subscribe<Result>(
      { query: textOf(document), variables: JSON.parse(asked) as Record<string, unknown> },
      {
        next: ({ data }) => {
          if (data) onValue(data)
        },
        error: () => undefined,
        complete: () => undefined,
      },
    )
    return () => {
      stop()
      client.dispose()
    }
  }, [graphqlUrl, document, asked, enabled])
}
