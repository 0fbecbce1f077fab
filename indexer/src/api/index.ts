import { db } from 'ponder:api'
import * as schema from '../../ponder.schema.ts'
import { readSettings } from '../../config/settings.ts'
import { createApp } from './app.ts'

const { deployment } = readSettings(process.env)

// Ponder's own: what `client` of it reads the schema's name from.
const { schema: namespace } = (
  globalThis as unknown as { PONDER_NAMESPACE_BUILD: { readonly schema: string } }
).PONDER_NAMESPACE_BUILD

export default createApp({
  database: { namespace, execute: (statement) => db.execute(statement) },
  schema,
  deployment,
  graphiql: process.env.LOCKSTEP_GRAPHIQL === '1',
})
