import { ponder } from 'ponder:registry'
import { network } from 'ponder:schema'
import { zeroAddress } from 'viem'
import { credit, on, timeOf } from './support/fold.ts'

ponder.on('token:setup', async ({ context: { db, chain } }) => {
  await db.insert(network).values({
    id: chain.id,
    jobsPosted: 0,
    jobsActive: 0,
    jobsSettled: 0,
    escrowed: 0n,
    paid: 0n,
    fees: 0n,
    stepsSettled: 0n,
    claims: 0,
    claimsVoided: 0,
    disputes: 0,
    disputesActive: 0,
    disputesWon: 0,
    disputesLost: 0,
    disputeGas: 0n,
    operators: 0,
    staked: 0n,
    locked: 0n,
    slashed: 0n,
    burned: 0n,
    rewards: 0n,
    contests: 0,
    models: 0,
    markets: 0,
    trades: 0,
    volume: 0n,
    supply: 0n,
    events: 0,
    updatedAt: 0,
  })
})

on('token:Transfer', async ({ event, context: { db } }) => {
  const { from, to, value } = event.args
  const timestamp = timeOf(event)
  const isMade = from === zeroAddress
  const isBurned = to === zeroAddress
  if (!isMade) await credit(db, from, timestamp, { balance: -value })
  if (!isBurned) await credit(db, to, timestamp, { balance: value })
  if (isMade) return { totals: { supply: value } }
  if (isBurned) return { totals: { supply: -value, burned: value } }
  return {}
})
