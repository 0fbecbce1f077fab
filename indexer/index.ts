export { IndexerError, type IndexerErrorCode } from './errors.ts'
export { type Indexer, type IndexerOptions, type LogLine, startIndexer } from './start.ts'
