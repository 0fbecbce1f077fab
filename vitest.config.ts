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
  'keepers/src/e2e/demo-market.test.ts',
  'keepers/src/e2e/optimism.test.ts',
  'keepers/src/e2e/pace.test.ts',
  'keepers/src/e2e/up.test.ts',
]
/** They measure the memory or the time of their process, which is therefore theirs alone. */
const ALONE = [
  'keepers/src/estimate/estimateTimes.test.ts',
  'keepers/src/store/store.test.ts',
  'keepers/src/trace/planner.test.ts',
  'offchain-repops/src/backends/wasm/wasm.test.ts',
  'offchain-repops/src/execute/plan/gpt2.test.ts',
  'offchain-repops/src/execute/plan/hostile.test.ts',
]

/** Tests of some folders: those whose files share a process, and those that have one to themselves. */
function projects(name: string, folders: readonly string[]) {
  const files = folders.map((folder) => `${folder}/**/*.test.ts`)
  const alone = ALONE.filter((path) => folders.includes(path.split('/')[0]))
  const exclude = [
    '**/node_modules/**',
    'offchain-repops/src/backends/webgpu/**', // needs an adapter: npm run test:webgpu
    ...LONG,
  ]
  return [
    // To load everything anew for each file took a ninth of all the time. Mocks and the configuration are put back
    // after each; what else a test changes, it puts back itself.
    project(name, { isolate: false, include: files, exclude: [...exclude, ...alone] }),
    project(`${name} alone`, { include: alone, exclude }),
  ]
}

const project = (
  name: string,
  test: { include: string[]; exclude?: string[]; isolate?: boolean },
) => ({ extends: true as const, test: { name, ...test } })

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 3,
    projects:
      process.env.LOCKSTEP_TESTS === 'long'
        ? [project('long', { include: LONG })]
        : [
            ...projects('engine', ['offchain-repops']),
            ...projects('network', ['deployments', 'keepers', 'indexer', 'app', 'operate']),
          ],
  },
})
