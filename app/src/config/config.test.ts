import { CONTRACTS } from '@lockstep/deployments'
import { expect, test } from 'vitest'
import { ConfigError, parseConfig } from './config.ts'

const json = {
  ...{ chainId: 1, rpcUrl: 'rpc', graphqlUrl: '/graphql', artifacts: ['stores/1/'] },
  contracts: Object.fromEntries(CONTRACTS.map((name) => [name, `0x${'0a'.repeat(20)}`])),
}
const parse = (over: object = {}) => parseConfig({ ...json, ...over }, 'https://example.org/page/')

test('addresses are relative to the page, but not the one of a block explorer', () => {
  expect(parse()).toMatchObject({
    rpcUrl: 'https://example.org/page/rpc',
    graphqlUrl: 'https://example.org/graphql',
    artifacts: ['https://example.org/page/stores/1'],
    explorer: undefined,
  })
  expect(parse({ explorer: 'http://explorer.example/chain/' }).explorer).toBe(
    'http://explorer.example/chain',
  )
  for (const explorer of ['explorer.example', '/explorer', '//explorer.example', 'a:8080', '', 7])
    expect(() => parse({ explorer })).toThrow(ConfigError)
})
