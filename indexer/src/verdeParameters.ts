import { verdeParametersVersion } from 'ponder:schema'
import { on, timeOf } from './support/fold.ts'

on('verdeParameters:ParametersSet', async ({ event, context: { db } }) => {
  const { version, parameters } = event.args
  await db
    .insert(verdeParametersVersion)
    .values({ ...parameters, id: version, setAt: timeOf(event) })
  return {}
})
