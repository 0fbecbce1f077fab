import { useState } from 'react'
import type { Settings } from './draft.ts'

const KEY = 'lockstep:trade'
const USUAL: Settings = { slippageBps: 100, deadlineMinutes: 10 }

const isWithin = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most

/** What a user accepts that a quote gets worse by, and for how long: kept for the next trade. */
export function useSettings(): [Settings, (settings: Settings) => void] {
  const [settings, set] = useState<Settings>(read)
  return [
    settings,
    (next) => {
      set(next)
      try {
        localStorage.setItem(KEY, JSON.stringify(next))
      } catch {
        // They hold until the page is closed.
      }
    },
  ]
}

export const isSlippage = (bps: unknown): bps is number => isWithin(bps, 0, 5000)
export const isDeadline = (minutes: unknown): minutes is number => isWithin(minutes, 1, 1440)

function read(): Settings {
  try {
    const { slippageBps, deadlineMinutes } = JSON.parse(
      localStorage.getItem(KEY) ?? '{}',
    ) as Partial<Settings>
    return {
      slippageBps: isSlippage(slippageBps) ? slippageBps : USUAL.slippageBps,
      deadlineMinutes: isDeadline(deadlineMinutes) ? deadlineMinutes : USUAL.deadlineMinutes,
    }
  } catch {
    return USUAL
  }
}
