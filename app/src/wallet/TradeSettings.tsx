import { useState } from 'react'
import type { Settings } from './draft.ts'
import { isDeadline, isSlippage } from './useSettings.ts'

/** How much a quote may get worse, and until when: only what is possible is taken over. */
export function TradeSettings({
  settings: { slippageBps, deadlineMinutes },
  set,
}: {
  settings: Settings
  set: (settings: Settings) => void
}) {
  const [slippage, setSlippage] = useState(String(slippageBps / 100))
  const [deadline, setDeadline] = useState(String(deadlineMinutes))
  const bps = Math.round(Number(slippage.replace(',', '.')) * 100)
  const minutes = Number(deadline)
  return (
    <details className="settings">
      <summary>
        At most {slippageBps / 100} % worse, within {deadlineMinutes} min
      </summary>
      <label>
        Slippage limit, %
        <input
          value={slippage}
          inputMode="decimal"
          maxLength={6}
          aria-invalid={slippage.trim() === '' || !isSlippage(bps)}
          onChange={(event) => {
            const { value } = event.target
            setSlippage(value)
            const next = Math.round(Number(value.replace(',', '.')) * 100)
            if (value.trim() !== '' && isSlippage(next)) set({ slippageBps: next, deadlineMinutes })
          }}
        />
      </label>
      <label>
        Deadline, minutes
        <input
          value={deadline}
          inputMode="numeric"
          maxLength={4}
          aria-invalid={!isDeadline(minutes)}
          onChange={(event) => {
            const { value } = event.target
            setDeadline(value)
            if (isDeadline(Number(value))) set({ slippageBps, deadlineMinutes: Number(value) })
          }}
        />
      </label>
      <p className="faint small">From 0 to 50 %, and from 1 to 1440 minutes.</p>
    </details>
  )
}
