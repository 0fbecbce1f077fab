export type IndexerErrorCode =
  | 'badSettings' // an environment variable or argument is missing or is none
  | 'badRpc' // the node is unreachable or answers with an error
  | 'wrongChain' // the node's chain is not the deployment's
  | 'noContracts' // there is no code where the deployment says there is
  | 'badDatabase' // the database is unreachable, or its folder cannot be written
  | 'portTaken' // something else listens there
  | 'failed' // the indexer's process ended

/** What happened, with which values, and what to do, in one line. */
export class IndexerError extends Error {
  override readonly name = 'IndexerError'
  readonly code: IndexerErrorCode

  constructor(code: IndexerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
