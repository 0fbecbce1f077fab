import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { play, type Playing } from '../../keepers/src/testing/play.ts'
import type { PageConfig } from '../server/index.ts'
import { Blocks } from './blocks.ts'
import { openBrowser, view, type View } from './browser.ts'

// What somebody reads off the pages who watches a demo, and for how long they wait for it.

/** For one wait, on a machine however slow. */
export const PATIENCE_MS = 60_000

/** A demo that plays, and whoever watches it. */
export interface Watching {
  readonly run: Playing
  /** Of its page. */
  readonly url: string
  readonly config: PageConfig
  readonly blocks: Blocks
  /** Opens a page, on which nothing is waited for longer than PATIENCE_MS. */
  readonly open: (path: string) => Promise<View>
  /** Ends both. */
  readonly close: () => Promise<void>
}

/** Starts a demo, which stays at its end, and opens a browser once its page is there. */
export async function watch(
  demo: Parameters<typeof play>[0],
  args: readonly string[],
): Promise<Watching> {
  const run = play(demo, ['--json', '--stay', ...args])
  const browser = await openBrowser()
  const close = async (): Promise<void> => {
    run.stop()
    await Promise.all([run.ended, browser.close()])
  }
  try {
    const [line, url] = await run.told(/^the page(?:: (\S+)| cannot .*)$/)
    expect(line).toBe(`the page: ${url}`)
    const config = (await (await fetch(`${url}config.json`)).json()) as PageConfig
    const open = async (path: string): Promise<View> => {
      const opened = await view(browser, `${url}#${path}`)
      opened.page.setDefaultTimeout(PATIENCE_MS)
      return opened
    }
    return { run, url, config, blocks: new Blocks(config), open, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A store that has gone, or lacks an artifact, is noted by the browser; then the next one is asked. */
const NOT_HERE =
  /^Failed to load resource: (the server responded .* 404|net::ERR_CONNECTION_REFUSED)/

/** What went wrong on a page. */
export const faults = ({ errors }: View): string[] => errors.filter((text) => !NOT_HERE.test(text))

/** The value beside a name. */
export const fact = (page: Page, name: string): Locator =>
  page
    .locator('dl > div', { has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .first()

/** Waits until the value beside a name is this one. */
export const says = (page: Page, name: string, value: string): Promise<void> =>
  expect.poll(() => fact(page, name).innerText(), { timeout: PATIENCE_MS }).toBe(value)

/** Waits until what the page is about has a status. */
export const status = (page: Page, name: string): Promise<void> =>
  page.locator('.heading .status', { hasText: name }).waitFor()

/** Waits until the page itself has compared the index with the chain. */
export const agrees = (page: Page): Promise<void> =>
  page.locator('.chain-check', { hasText: 'The chain says the same.' }).waitFor()

/** What has happened to a job, in order. */
export const life = (page: Page): Promise<string[]> =>
  page.locator('.lifeline summary strong').allInnerTexts()

/** Loss of the first and of the last step, as the curve's table has them. */
export async function lossOn(page: Page): Promise<(string | undefined)[]> {
  await page.getByText('Checked against the claim’s root').waitFor()
  await page.getByText('As a table').click()
  const cells = page.getByRole('region', { name: /as a table$/ }).locator('td')
  const told = await cells.allInnerTexts()
  await page.getByText('As a table').click()
  return [told.at(0), told.at(-1)]
}

/** A number of 32 bits as a dispute shows it. */
export interface Scalar {
  readonly decimal: string
  readonly hex: string
}

/** What the page shows of a dispute: places of the walk, and both values. */
export async function shown(page: Page) {
  const levels = await page.locator('.walk .level > .number').allInnerTexts()
  const walk = levels
    .map((text) => (text.startsWith('not reached') ? '–' : text.split(' of ')[0]))
    .join(' ')
  const rows = await page.locator('.bit-row > p:first-of-type').allInnerTexts()
  const [claimed, right] = rows.map((text): Scalar | undefined => {
    const [decimal, hex] = text.trim().split(/\s+/)
    return text.startsWith('–') ? undefined : { decimal, hex }
  })
  return { walk, claimed, right }
}
