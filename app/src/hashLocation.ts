import { useSyncExternalStore } from 'react'

// Pages are named behind the `#`: any file server, below any path, then serves every address of the page without
// being told to rewrite paths. `#/jobs?status=OPEN` is the path /jobs with a search.

const whole = (): string => {
  const text = location.hash.replace(/^#/, '')
  return text.startsWith('/') ? text : '/'
}
const subscribe = (listener: () => void) => {
  window.addEventListener('hashchange', listener)
  return () => {
    window.removeEventListener('hashchange', listener)
  }
}

function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) location.replace(`#${to}`)
  else location.hash = to
}

/** The router's location: what stands behind `#`, up to a question mark. */
export const useHashPath = (): [string, typeof navigate] => [
  useSyncExternalStore(subscribe, () => whole().split('?', 1)[0] ?? '/'),
  navigate,
]
useHashPath.hrefs = (href: string): string => `#${href}`

/** The search behind it. */
export const useHashSearch = (): string =>
  useSyncExternalStore(subscribe, () => whole().split('?').slice(1).join('?'))
