import { expect, test } from 'vitest'
import { checkMemory, processMemoryBytes, TooLargeError } from './checkMemory.ts'

const MIB = 2 ** 20

test('a container may leave less than the machine has', () => {
  expect(processMemoryBytes(8 * MIB, 2 * MIB)).toBe(2 * MIB)
  for (const unknown of [0, 2 ** 64, 9 * MIB])
    expect(processMemoryBytes(8 * MIB, unknown)).toBe(8 * MIB)
})

test('what lies in the memory of the machine is counted together', () => {
  const needs = [
    { what: 'state', bytes: 3 * MIB },
    { what: 'constants', bytes: 0 },
    { what: 'values', bytes: 2 * MIB + 1 },
  ]
  checkMemory(needs, 5 * MIB + 1)
  expect(() => {
    checkMemory(needs, 5 * MIB)
  }).toThrow('the program takes 6 MiB: 3 MiB of state, 3 MiB of values; there are 5 MiB')
})

test('what lies in a device is counted there', () => {
  const needs = [
    { what: 'state', bytes: MIB },
    { what: 'the device', bytes: 9 * MIB, roomBytes: 8 * MIB },
  ]
  expect(() => {
    checkMemory(needs, MIB)
  }).toThrow('the program takes 9 MiB of the device, which has room for 8 MiB')
  checkMemory([needs[0], { ...needs[1], roomBytes: 9 * MIB }], MIB)
  expect(() => {
    checkMemory(needs, 0)
  }).toThrow(TooLargeError)
})
