/** The parts of the keepers that other programs of the repository build on. */
export { main } from './cli.ts'
export { ExitCode, LockstepError } from './errors.ts'
export { type Chain, connect, type Head } from './chain/connect.ts'
export type { Contracts } from './chain/contracts.ts'
export { findContracts } from './chain/deployment.ts'
export { type Claim, disputeAt, readClaim, readComputation } from './chain/claims.ts'
export { type Dispute, readDispute } from './chain/disputes.ts'
export { type DisputePath, type DisputeReport, reportDispute } from './chain/dispute-report.ts'
export { type Job, readJob, readJobClaims, readJobCount, readVault } from './chain/jobs.ts'
export { readOwnFees } from './chain/fees.ts'
export { readHolding, readPaid } from './chain/holdings.ts'
export { Journal } from './chain/journal.ts'
export {
  findMarket,
  type Market,
  type MarketTerms,
  priceHistory,
  readMarket,
  readMarketIds,
  readMarkets,
  readPosition,
} from './chain/markets.ts'
export { Sender } from './chain/sender.ts'
export { readTimes } from './chain/times.ts'
export {
  addLiquidity,
  buy,
  buyFor,
  createMarket,
  listOutcome,
  redeem,
  sell,
  settle,
  type Trader,
} from './chain/trading.ts'
export {
  pricesOf,
  quoteBuy,
  quoteBuyFor,
  quoteSell,
  quoteSellFor,
} from '@lockstep/deployments/protocol'
export { MarketKeeper } from './roles/market-keeper.ts'
export { MarketMaker } from './roles/market-maker.ts'
export { ReceiptBook } from './receipts/book.ts'
export { checkReceipt } from './receipts/check.ts'
export { type Difference, firstDifference } from './receipts/difference.ts'
export { checkFacts } from './receipts/facts.ts'
export { loadReceipt } from './receipts/load.ts'
export { type Evaluation, readReceipt, type Receipt, receiptText } from './receipts/receipt.ts'
export { rerun } from './receipts/rerun.ts'
export { checkSignatures, receiptHash, signReceipt } from './receipts/sign.ts'
export { writeReceipt } from './receipts/write.ts'
export { FolderStore } from './store/folder.ts'
export { HttpStore } from './store/http.ts'
export { Mirror } from './store/mirror.ts'
export { serve } from './store/server.ts'
export { Trace } from './trace/trace.ts'
export { Workshop } from './trace/workshop.ts'
