import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Config } from '../config/config.ts'
import { useConfig } from '../config/useConfig.ts'
import { firstLine } from '../format/firstLine.ts'
import type { ChainClient } from './chain.ts'
import type { Answer } from './useAnswer.ts'

let clients: Promise<typeof import('./chain.ts')> | undefined

/**
 * Reads the chain itself, for whatever decides on money; viem is loaded when it is first needed. `key` names what is
 * read (plain JSON), `read` reads it. It is read again after every block that the indexer tells of, and now and then
 * without. `keepPrevious` shows what another key had until this one is read.
 */
export function useChainRead<Result>(
  key: readonly unknown[],
  read: (client: ChainClient, config: Config) => Promise<Result>,
  {
    enabled = true,
    everyMs = 6000,
    keepPrevious = false,
  }: { enabled?: boolean; everyMs?: number; keepPrevious?: boolean } = {},
): Answer<Result> {
  const config = useConfig()
  const query = useQuery<Result>({
    queryKey: ['chain', config.rpcUrl, ...key],
    queryFn: async () => {
      clients ??= import('./chain.ts')
      const { clientOf } = await clients
      return read(clientOf(config), config)
    },
    enabled,
    refetchInterval: everyMs,
    ...(keepPrevious ? { placeholderData: keepPreviousData } : {}),
  })
  const problem = query.error === null ? undefined : firstLine(query.error)
  return { data: query.data, at: query.dataUpdatedAt, problem, isPrevious: query.isPlaceholderData }
}
