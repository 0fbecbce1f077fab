import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CONTRACTS, deploymentFile, loadDeployment, parseDeployment } from './deployment.ts'
import { DeploymentError } from './errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-deployment-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const good = {
  chainId: 901,
  startBlock: 12,
  build: 'opcode',
  contracts: Object.fromEntries(
    CONTRACTS.map((name, index) => [name, `0x${String(index + 1).padStart(40, '0')}`]),
  ),
  parameters: { vaults: { unbondingSeconds: 60 } },
}

describe('loadDeployment', () => {
  test('reads a file by its path', () => {
    const path = join(folder, 'good.json')
    writeFileSync(path, JSON.stringify(good))
    expect(loadDeployment(path)).toEqual({ ...good, startBlock: 12n })
  })

  test('knows no deployment on a chain that nobody deployed to', () => {
    const attempt = (): unknown => loadDeployment(123456789)
    expect(attempt).toThrow(DeploymentError)
    expect(attempt).toThrow(/chain 123456789.*123456789\.json does not exist.*npm run deploy/)
    expect(() => loadDeployment('123456789')).toThrow(/chain 123456789.*npm run deploy/)
    expect(deploymentFile(7)).toMatch(/deployments\/7\.json$/)
  })

  test('says which file is missing', () => {
    const attempt = (): unknown => loadDeployment(join(folder, 'absent.json'))
    expect(attempt).toThrow(expect.objectContaining({ code: 'unknownChain' }))
    expect(attempt).toThrow(/absent\.json/)
  })
})

describe('parseDeployment', () => {
  test.each([
    ['{', /is not JSON/],
    ['[]', /the file is not an object/],
    [{ ...good, chainId: 0 }, /chainId/],
    [{ ...good, chainId: '901' }, /chainId/],
    [{ ...good, startBlock: -1 }, /startBlock/],
    [{ ...good, build: 'fast' }, /build is not one of opcode, portable/],
    [{ ...good, contracts: null }, /contracts is not an object/],
    [{ ...good, contracts: { ...good.contracts, verde: '0x12' } }, /contracts\.verde/],
    [
      { ...good, contracts: { token: good.contracts['token'] } },
      /contracts\.\w+ is not an address/,
    ],
    [{ ...good, parameters: 1 }, /parameters is not an object/],
  ])('refuses %j', (content, why) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    const attempt = (): unknown => parseDeployment(text, 'x.json')
    expect(attempt).toThrow(why)
    expect(attempt).toThrow(expect.objectContaining({ code: 'badDeployment' }))
  })
})
