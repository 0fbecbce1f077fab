import type { Head } from '../live/head.ts'
import type { Services } from '../schema/context.ts'

/** Goes up with every change of subgraph-schema.graphql that a reader can see. */
export const SCHEMA_VERSION = '1.0.0'

export const metaOf = (head: Head, { deployment, clock }: Services): Record<string, unknown> => ({
  chainId: deployment.chainId,
  block: { number: head.number, timestamp: head.timestamp },
  isSynced: head.isSynced,
  ageSeconds: clock.age(head),
  contracts: deployment.contracts,
  version: SCHEMA_VERSION,
})
