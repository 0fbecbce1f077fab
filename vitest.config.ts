import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['offchain-repops/**/*.test.ts', 'deployments/**/*.test.ts', 'keepers/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
