import { defineConfig } from 'vitest/config'

/** What `npm test` has no time for in its quarter of an hour: npm run test:long. */
const LONG = [
  'app/test/demo-market.test.ts',
  'app/test/liquidity.test.ts',
  'app/test/listing.test.ts',
  'app/test/sets.test.ts',
  'app/test/trade.test.ts',
  'app/test/transactions.test.ts',
  'deployments/src/devnet/optimism.test.ts',
  'indexer/postgres.test.ts',
  'indexer/recovery.test.ts',
  'keepers/src/e2e/optimism.test.ts',
  'keepers/src/e2e/pace.test.ts',
  'keepers/src/e2e/up.test.ts',
]
const isLong = process.env.LOCKSTEP_TESTS === 'long'

export default defineConfig({
  test: {
    include: isLong
      ? LONG
      : [
          'offchain-repops/**/*.test.ts',
          'deployments/**/*.test.ts',
          'keepers/**/*.test.ts',
          'indexer/**/*.test.ts',
          'app/**/*.test.ts',
          'operate/**/*.test.ts',
        ],
    // These need an adapter: npm run test:webgpu.
    exclude: [
      '**/node_modules/**',
      'offchain-repops/src/backends/webgpu/**',
      ...(isLong ? [] : LONG),
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Files share their process: to load everything anew for each took a ninth of all the time. Mocks and the
    // configuration are put back after each; what else a test changes, it puts back itself.
    isolate: false,
    maxWorkers: 3,
  },
})
