import { keccak256, toBytes } from 'viem'
import { expect, test } from 'vitest'
import { toAddress, verifyArtifact } from './artifact.ts'

test('a document is addressed by the hash of its bytes', () => {
  const rules = toBytes('Whoever answers best wins.')
  const address = toAddress('documents', keccak256(rules))
  expect(() => {
    verifyArtifact(address, rules, 'here')
  }).not.toThrow()
  expect(() => {
    verifyArtifact(address, rules.subarray(1), 'here')
  }).toThrow(/25 bytes have the root 0x/)
})
