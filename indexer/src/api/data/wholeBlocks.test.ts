import { sql } from 'ponder'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import type { Database } from './database.ts'
import { wholeBlocks } from './wholeBlocks.ts'

let database: TestDatabase
let execute: Database['execute']
// Ponder's on PGlite: the callback, and nothing around it.
const userQB = { transaction: async (write: unknown) => (write as () => Promise<unknown>)() }

beforeAll(async () => {
  database = await testDatabase()
  await database.client.exec(
    'CREATE TABLE _beside (n int); CREATE TABLE a (n int); CREATE TABLE b (n int)',
  )
  const driver = { dialect: 'pglite' as const, instance: database.client as never }
  execute = wholeBlocks({ driver, userQB }, (statement) => database.execute(statement))
})
afterAll(() => database.close())

const add = (table: string) => database.client.query(`insert into "public"."${table}" VALUES (1)`)
const counts = async (): Promise<unknown> =>
  (await execute(sql`SELECT (SELECT count(*) FROM a)::int a, (SELECT count(*) FROM b)::int b`))
    .rows[0]
const turns = () => new Promise((resolve) => setTimeout(resolve, 30))

it('shows a block when all of it is written, whether it could be or not', async () => {
  let reading: Promise<unknown> | undefined
  await userQB.transaction(async () => {
    // Nothing of it is written yet: whoever reads need not wait for what is asked of a node, say.
    await add('_beside')
    expect(await counts()).toEqual({ a: 0, b: 0 })
    await add('a')
    reading = counts()
    await turns()
    await add('b')
  })
  expect(await reading).toEqual({ a: 1, b: 1 })

  const failing = userQB.transaction(async () => {
    await add('a')
    reading = counts()
    await turns()
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await reading).toEqual({ a: 2, b: 1 })
  // A write that is none of a block's stops nobody.
  await add('b')
  expect(await counts()).toEqual({ a: 2, b: 2 })
})

it('shows a reorganisation when all of it is taken back', async () => {
  const before = (await counts()) as { a: number; b: number }
  let reading: Promise<unknown> | undefined
  const takeBack = async (table: string): Promise<unknown> =>
    // As Ponder takes back what a table's rows were.
    database.client.query(`
WITH reverted1 AS (DELETE FROM "public"."${table}" RETURNING n) SELECT count(*) FROM reverted1`)
  await userQB.transaction(async () => {
    await takeBack('a')
    reading = counts()
    await turns()
    await takeBack('b')
  })
  expect(before.a + before.b).toBeGreaterThan(0)
  expect(await reading).toEqual({ a: 0, b: 0 })
})

it('waits for the next block too that has begun meanwhile', async () => {
  const seen: unknown[] = []
  let reading: Promise<unknown> | undefined
  for (let block = 0; block < 3; block++) {
    const writing = userQB.transaction(async () => {
      await add('a')
      reading ??= counts().then((row) => seen.push(row))
      await turns()
      await add('b')
    })
    await writing
  }
  await reading
  for (const row of seen as { a: number; b: number }[]) expect(row.a).toBe(row.b)
  expect(seen).toHaveLength(1)
})
