import { db } from 'ponder:api'
import * as schema from '../../ponder.schema.ts'
import { readSettings } from '../../config/settings.ts'
import { createApp } from './app.ts'

const { deployment } = readSettings(process.env)

export default createApp({
  database: db,
  schema,
  deployment,
  graphiql: process.env.LOCKSTEP_GRAPHIQL === '1',
})
