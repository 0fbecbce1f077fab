import { commitProgram, encodeProgram, SHIPPED_JUDGE_RUN, shippedJudgeJob } from '@lockstep/repops'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SHIPPED_TEXT } from '../files/shipped.ts'
import { readOrder } from './order.ts'

const NOTHING = { text: undefined, program: undefined, state: undefined, constants: undefined }
const values = { ...NOTHING, maxArtifactMib: 16, modelOptions: '', ...SHIPPED_JUDGE_RUN }

test('the judge that ships can be trained again', async () => {
  const order = await readOrder({ ...values, model: 'judge' })
  const job = shippedJudgeJob(readFileSync(SHIPPED_TEXT))
  expect(commitProgram(order.encoded)).toEqual(commitProgram(encodeProgram(job.program)))
  expect(order.initialState).toEqual(job.initialState)
  expect({ ...order, encoded: undefined }).toMatchObject(SHIPPED_JUDGE_RUN)
})

test('the judge has no options', async () => {
  const order = readOrder({ ...values, model: 'judge', modelOptions: 'width=8' })
  await expect(order).rejects.toMatchObject({ code: 'bad-setting' })
})
