import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { useTheme, type Theme } from '../theme/useTheme.ts'
import { Freshness } from './Freshness.tsx'
import { SearchBox } from './SearchBox.tsx'

const NAVIGATION = [
  ['Jobs', '/jobs'],
  ['Disputes', '/disputes'],
  ['Operators', '/operators'],
  ['Markets', '/markets'],
  ['Contests', '/contests'],
  ['Models', '/models'],
] as const

/** What stands around every page. */
export function Layout({ children }: { children: ReactNode }) {
  const [path] = useLocation()
  const skip = () => {
    document.getElementById('main')?.focus()
  }
  return (
    <>
      <button type="button" className="skip" onClick={skip}>
        Skip to the content
      </button>
      <header>
        <div className="bar">
          <Link href="/" className="name">
            Lockstep
          </Link>
          <nav aria-label="Main">
            {NAVIGATION.map(([name, href]) => (
              <Link
                key={href}
                href={href}
                aria-current={path === href || path.startsWith(`${href}/`) ? 'page' : undefined}
              >
                {name}
              </Link>
            ))}
          </nav>
          <SearchBox />
          <ThemeChoice />
        </div>
        <Freshness />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer>
        <p>
          Read from an indexer; what decides about money is read from the chain. Times run by the
          chain’s clock.
        </p>
      </footer>
    </>
  )
}

function ThemeChoice() {
  const [theme, choose] = useTheme()
  return (
    <select
      className="theme"
      aria-label="Colours"
      value={theme}
      onChange={(event) => {
        choose(event.target.value as Theme)
      }}
    >
      <option value="system">System</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  )
}
