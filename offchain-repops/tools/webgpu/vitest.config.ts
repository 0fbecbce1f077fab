import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** The tests that need a WebGPU adapter; tools/webgpu/test.ts gives them one. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['src/backends/webgpu/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
