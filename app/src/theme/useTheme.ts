import { useState } from 'react'

export type Theme = 'system' | 'light' | 'dark'
const KEY = 'lockstep:theme'

const stored = (): Theme => {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : 'system'
  } catch {
    return 'system'
  }
}

/** Lets the chosen theme take hold; CSS does the rest by `color-scheme`. */
export function applyTheme(theme: Theme = stored()): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

/** The chosen theme, and what chooses another. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(stored)
  const choose = (next: Theme) => {
    setTheme(next)
    applyTheme(next)
    try {
      if (next === 'system') localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, next)
    } catch {
      // It holds until the page is closed.
    }
  }
  return [theme, choose]
}
