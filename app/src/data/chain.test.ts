import { judgeAbi } from '@lockstep/deployments/abis'
import { type Address, encodeErrorResult, parseAbi } from 'viem'
import { afterEach, expect, test, vi } from 'vitest'
import type { Config } from '../config/config.ts'
import { clientOf } from './chain.ts'

const CONTEST: Address = `0x${'c0'.repeat(20)}`
const RPC = 'http://127.0.0.1:8545/'
const ERC3668 = parseAbi(['error OffchainLookup(address,string[],bytes,bytes4,bytes)'])
afterEach(() => vi.unstubAllGlobals())

test('no contract makes the page ask anybody but its node', async () => {
  const data = encodeErrorResult({
    abi: ERC3668,
    args: [CONTEST, ['http://elsewhere.invalid/{sender}/{data}'], '0x', '0x12345678', '0x'],
  })
  const asked: string[] = []
  vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) => {
    const url = input instanceof Request ? input.url : String(input)
    asked.push(url)
    const body = init?.body
    const { id } = JSON.parse(typeof body === 'string' ? body : '{}') as { id?: number }
    const error = { code: 3, message: 'execution reverted', data }
    return Promise.resolve(Response.json({ jsonrpc: '2.0', id, error }))
  })
  const client = clientOf({ chainId: 31337, rpcUrl: RPC } as Config)
  const reading = client.readContract({
    ...{ abi: judgeAbi, address: CONTEST, functionName: 'entrantsOf' },
    args: [1n],
  })
  await expect(reading).rejects.toThrow('entrantsOf')
  expect(asked.length).toBeGreaterThan(0)
  expect(new Set(asked)).toEqual(new Set([RPC]))
})
