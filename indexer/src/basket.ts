import { basket } from 'ponder:schema'
import { on, timeOf } from './support/fold.ts'
import { plain } from './support/json.ts'
import { plus } from './support/numbers.ts'

on('basket:BasketMade', async ({ event, context: { db } }) => {
  const { basket: id, legs } = event.args
  // Said again whenever one without shares gets some; the id fixes the legs.
  await db
    .insert(basket)
    .values({ id, legs: plain(legs), supply: 0n, madeAt: timeOf(event) })
    .onConflictDoNothing()
  return {}
})

on('basket:Minted', async ({ event, context: { db } }) => {
  const { basket: id, shares } = event.args
  await db.update(basket, { id }).set((row) => plus(row, { supply: shares }))
  return {}
})

on('basket:Burned', async ({ event, context: { db } }) => {
  const { basket: id, shares } = event.args
  await db.update(basket, { id }).set((row) => plus(row, { supply: -shares }))
  return {}
})
