import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { PartsDue } from './Fees.tsx'

const part = (outcome: number) => ({ of: { outcome }, amount: 10n ** 18n })
const shown = (...due: Parameters<typeof PartsDue>[0]['due'][number][]): string =>
  renderToStaticMarkup(createElement(PartsDue, { due })).replace(/<[^>]*>/g, ' ')

test('where one transaction collects not all that is due, it is said what', () => {
  const all = shown([part(0), part(1)])
  expect(all).toContain('trades of outcome 1')
  expect(all).not.toContain('transaction')
  const more = shown([part(0), part(1)], [part(7)])
  expect(more).toContain('trades of outcome 7')
  expect(more).toMatch(/collects 2 of these 3 parts,\s+2\s+\$AI/)
})
