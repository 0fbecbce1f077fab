import { afterAll, beforeAll, expect, test } from 'vitest'
import { manyJobs, small } from '../testing/rows.ts'
import { setStage, type Stage } from '../testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage(small)
})
afterAll(() => stage.close())

test('the overview shows the totals of the network exactly', async () => {
  const { page, errors, close } = await stage.open('/')
  const value = (name: string) => page.locator('dl.figures div', { hasText: name }).locator('dd')
  expect(await value('Jobs posted').textContent()).toBe('3')
  expect(await value('Gas of disputes').textContent()).toBe('1\u202f234\u202f567')
  expect(await value('Paid to solvers').textContent()).toBe('97 AI')
  expect(await page.locator('.freshness').textContent()).toMatch(/Chain 31337 · block 1\u202f234/)
  expect(errors).toEqual([])
  await close()
})

test('a thousand jobs are shown in pages, filtered and walked through', async () => {
  stage.indexer.set(manyJobs(1000))
  const { page, close } = await stage.open('/jobs')
  await page.getByText('1–50 of 1000').waitFor()
  expect(await page.locator('tbody tr').count()).toBe(50)
  await page.getByRole('button', { name: 'Further' }).click()
  await page.getByText('51–100 of 1000').waitFor()
  expect(await page.locator('tbody tr').first().textContent()).toContain('Job 950')
  await page.getByRole('link', { name: 'settled' }).click()
  await page.getByText('No job has this status.').waitFor()
  stage.indexer.set(small)
  await close()
})
