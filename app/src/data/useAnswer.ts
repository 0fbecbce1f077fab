import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { TadaDocumentNode } from 'gql.tada'
import { useMemo } from 'react'
import { useConfig } from '../config/useConfig.ts'
import { ask, AskError, textOf } from './ask.ts'
import { recall, remember } from './memory.ts'

/** What is known of an answer. */
export interface Answer<Result> {
  /** The newest answer, perhaps an old one; undefined before the first. */
  readonly data: Result | undefined
  /** When it was given, in milliseconds since 1970. */
  readonly at: number
  /** Why there is no newer one, for people. */
  readonly problem: string | undefined
  /** Whether it answers other variables: those before the last change. */
  readonly isPrevious: boolean
}

/** After a failure it is asked again so often. */
const AGAIN_MS = 5000

/** The key under which an answer is cached. */
export const answerKey = (
  document: TadaDocumentNode<never, never> | object,
  variables: unknown,
): readonly unknown[] => ['graphql', textOf(document), variables]

/**
 * Asks GraphQL, again after every block, and keeps the last answer: over failures, and over a reload. `keepPrevious`
 * shows the old list until the next page of it is there.
 */
export function useAnswer<Result, Variables>(
  document: TadaDocumentNode<Result, Variables>,
  variables: Variables,
  { enabled = true, keepPrevious = false }: { enabled?: boolean; keepPrevious?: boolean } = {},
): Answer<Result> {
  const { chainId, graphqlUrl } = useConfig()
  const asked = JSON.stringify(variables)
  const key = `${chainId}:${graphqlUrl}:${digest(textOf(document))}:${asked}`
  const old = useMemo(() => recall(key), [key])
  const query = useQuery<Result>({
    queryKey: answerKey(document, variables),
    queryFn: async ({ signal }) => {
      const data = await ask(graphqlUrl, document, variables, signal)
      remember(key, { at: Date.now(), data })
      return data
    },
    enabled,
    // What was known before a reload is shown at once, and asked for anew.
    ...(old === undefined ? {} : { initialData: old.data as Result, initialDataUpdatedAt: old.at }),
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
    refetchInterval: ({ state }) => (state.status === 'error' ? AGAIN_MS : false),
  })
  return {
    data: query.data,
    at: query.dataUpdatedAt,
    problem: query.error === null ? undefined : explain(query.error),
    isPrevious: query.isPlaceholderData,
  }
}

const explain = (error: Error): string =>
  error instanceof AskError ? error.message : `${error.name}: ${error.message}`

/** A short name for a text; a document that changed does not meet its old answers. */
function digest(text: string): string {
  let hash = 5381
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(i)) >>> 0
  return hash.toString(36)
}
