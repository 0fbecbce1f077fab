/** Variables of the environment that the indexer alone reads; those that it shares with the roles are not here. */
export const INDEXER_VARIABLES = [
  'LOCKSTEP_GRAPHIQL',
  'LOCKSTEP_INDEXER_HOME',
  'LOCKSTEP_POLL_MS',
  'LOCKSTEP_RPC_RATE',
] as const
