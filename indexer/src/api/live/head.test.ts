import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { readHead } from './head.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

test('is the newest block, or after a restart the one that the tables went back to', async () => {
  await database.setHead(70, 1_700)
  await database.setHead(100, 2_000)
  expect(await readHead(database)).toMatchObject({ number: 100n, timestamp: 2_000, isSynced: true })
  await database.client.exec(`UPDATE _ponder_meta SET value = '{"is_ready": 0}'`)
  expect(await readHead(database)).toMatchObject({ number: 70n, timestamp: 1_700, isSynced: false })
})
