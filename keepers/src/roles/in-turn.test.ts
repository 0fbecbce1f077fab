import { expect, test } from 'vitest'
import { inTurn } from './in-turn.ts'

test('nobody keeps the others waiting', () => {
  const lists = [['a', 'b', 'c', 'd'], ['e', 'f'], [], ['g']]
  expect(inTurn(lists, 5).join('')).toBe('aegbf')
  expect(inTurn(lists, 2).join('')).toBe('ae')
  expect(inTurn(lists, 100).join('')).toBe('aegbfcd')
  expect(inTurn([], 5)).toEqual([])
})
