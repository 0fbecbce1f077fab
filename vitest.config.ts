import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'offchain-repops/**/*.test.ts',
      'deployments/**/*.test.ts',
      'keepers/**/*.test.ts',
      'indexer/**/*.test.ts',
      'app/**/*.test.ts',
      'operate/**/*.test.ts',
    ],
    // These need an adapter: npm run test:webgpu.
    exclude: ['**/node_modules/**', 'offchain-repops/src/backends/webgpu/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
