import { db } from 'ponder:api'
import * as schema from '../../ponder.schema.ts'
import { readSettings } from '../../config/settings.ts'
import { createApp } from './app.ts'
import { limitStatements } from './data/timeLimit.ts'
import { type PonderDatabase, wholeBlocks } from './data/wholeBlocks.ts'
import { LIMITS } from './limits/limits.ts'

const { deployment } = readSettings(process.env)

// Ponder's own: what `client` and `db` of it come from.
const { PONDER_NAMESPACE_BUILD, PONDER_DATABASE } = globalThis as unknown as {
  readonly PONDER_NAMESPACE_BUILD: { readonly schema: string }
  readonly PONDER_DATABASE: PonderDatabase
}

limitStatements(PONDER_DATABASE, LIMITS.timeout)

export default createApp({
  database: {
    namespace: PONDER_NAMESPACE_BUILD.schema,
    execute: wholeBlocks(PONDER_DATABASE, (statement) => db.execute(statement)),
  },
  schema,
  deployment,
  graphiql: process.env.LOCKSTEP_GRAPHIQL === '1',
})
