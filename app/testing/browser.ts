import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { CHROMIUM, provideChromium } from './chromium.mjs'

const OUTPUT = fileURLToPath(new URL('../test-output/', import.meta.url))
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Starts Chromium, which is installed first where it is missing and can be. */
export async function openBrowser(): Promise<Browser> {
  const problem = provideChromium()
  if (problem !== undefined) throw new Error(problem)
  const root = process.getuid?.() === 0
  return chromium.launch({ executablePath: CHROMIUM, args: root ? ['--no-sandbox'] : [] })
}

export interface ViewOptions {
  /** Done to the page before it is opened. */
  readonly prepare?: ((page: Page) => Promise<void>) | undefined
  readonly width?: number
  readonly theme?: 'light' | 'dark'
}

/** What a page did that it must not do. */
export interface View {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors that were thrown or logged. */
  readonly errors: string[]
  /** Sum of layout shifts without input until now. */
  readonly shift: () => Promise<number>
  /** Serious findings of axe, as lines; of all its rules, or of those named. */
  readonly findings: (...rules: string[]) => Promise<string[]>
  /** How many pixels are beyond the right edge. */
  readonly overflow: () => Promise<number>
  /** Labels of charts that are cut off, or stand over each other. */
  readonly badLabels: () => Promise<string[]>
  readonly screenshot: (name: string) => Promise<void>
  readonly close: () => Promise<void>
}

/** Opens an address in a context of its own: nothing is remembered from other views. */
export async function view(
  browser: Browser,
  url: string,
  { width = 1280, theme = 'light', prepare }: ViewOptions = {},
): Promise<View> {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 780 : 800 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    // axe is put into the page by the driver, which the page's own policy would forbid.
    bypassCSP: false,
  })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.addInitScript(watchShifts)
  await prepare?.(page)
  await page.goto(url)
  return {
    page,
    context,
    errors,
    shift: () => page.evaluate(() => (window as unknown as Shifted).lockstepShift),
    findings: (...rules) => findings(page, rules),
    overflow: () =>
      page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement
        return Math.max(0, scrollWidth - clientWidth)
      }),
    badLabels: () => page.evaluate(badLabels),
    screenshot: async (name) => {
      mkdirSync(OUTPUT, { recursive: true })
      await page.screenshot({ path: `${OUTPUT}${name}.png`, fullPage: true })
    },
    close: () => context.close(),
  }
}

function badLabels(): string[] {
  const bad: string[] = []
  for (const chart of document.querySelectorAll('figure.chart svg')) {
    const frame = chart.getBoundingClientRect()
    const labels = [...chart.querySelectorAll('text')].map((label) => ({
      text: label.textContent,
      box: label.getBoundingClientRect(),
    }))
    for (const [i, { text, box }] of labels.entries()) {
      if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5) bad.push(`${text} is cut`)
      const over = labels.slice(0, i).find((other) => {
        const isBeside = other.box.right <= box.left || box.right <= other.box.left
        return !isBeside && other.box.bottom > box.top + 2 && box.bottom > other.box.top + 2
      })
      if (over !== undefined) bad.push(`${text} stands over ${over.text}`)
    }
  }
  return bad
}

interface Shifted {
  lockstepShift: number
}

function watchShifts(): void {
  const shifted = window as unknown as Shifted
  shifted.lockstepShift = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as unknown as {
      value: number
      hadRecentInput: boolean
    }[])
      if (!entry.hadRecentInput) shifted.lockstepShift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })
}

interface Axe {
  axe: {
    run: (options: object) => Promise<{
      violations: {
        id: string
        impact: string
        nodes: { html: string; failureSummary: string }[]
      }[]
    }>
  }
}

async function findings(page: Page, rules: readonly string[]): Promise<string[]> {
  // By the debugger, not by a script element: the policy of the page stands.
  await page.evaluate(AXE)
  const { violations } = await page.evaluate(
    (options) => (window as unknown as Axe).axe.run(options),
    rules.length === 0 ? {} : { runOnly: [...rules] },
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} (${failureSummary})`),
    )
}
