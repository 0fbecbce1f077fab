import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { readHead } from './head.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await testDatabase()
})
afterEach(() => database.close())

test('is the newest block, or after a restart the one that the tables went back to', async () => {
  await database.setHead(70, 1_700)
  await database.setHead(100, 2_000)
  expect(await readHead(database)).toMatchObject({ number: 100n, timestamp: 2_000, isSynced: true })
  await database.client.exec(`UPDATE _ponder_meta SET value = '{"is_ready": 0}'`)
  expect(await readHead(database)).toMatchObject({ number: 70n, timestamp: 1_700, isSynced: false })
})

test('after a reorganisation it is the newest block that is surely held, until the next one is there', async () => {
  const takeIn = async (block: number, timestamp: number): Promise<void> => {
    const id = `00000000${block}-000000`
    await database.insert('event', [{ id, block, timestamp }])
    await database.client.exec('UPDATE network SET events = events + 1')
    await database.setHead(block, timestamp)
  }
  await database.insert('network', [{ id: 31337 }])
  await database.setHead(70, 1_700)
  await takeIn(80, 1_800)
  await takeIn(90, 1_900)
  await database.setHead(99, 1_990) // without events
  const before = await readHead(database)
  expect(before).toMatchObject({ number: 99n, timestamp: 1_990 })

  // As Ponder takes block 90 back: the tables alone.
  await database.client.exec(
    `BEGIN; DELETE FROM event WHERE block = 90; UPDATE network SET events = events - 1; COMMIT`,
  )
  const after = await readHead(database)
  expect(after).toMatchObject({ number: 80n, timestamp: 1_800, isSynced: true })
  expect(after.version).not.toBe(before.version)
  await database.client.exec(`DELETE FROM event; UPDATE network SET events = 0`)
  expect(await readHead(database)).toMatchObject({ number: 70n, timestamp: 1_700 })
  await database.setHead(91, 1_910)
  expect(await readHead(database)).toMatchObject({ number: 91n, timestamp: 1_910 })
})
