import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ARGS = ['--import', 'tsx', fileURLToPath(new URL('./devnet.ts', import.meta.url))]

test('help is no error', () => {
  const text = execFileSync(process.execPath, [...ARGS, '--help'], { encoding: 'utf8' })
  expect(text).toMatch(/^usage: npm run devnet/)
})

test('a port that is none is refused before anything is started', () => {
  const { status, stderr } = spawnSync(process.execPath, [...ARGS, '--port', 'x'], {
    encoding: 'utf8',
  })
  expect(status).toBe(2)
  expect(stderr).toContain('--port wants a number up to 65535, not "x"')
})
