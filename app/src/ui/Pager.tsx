import { useState } from 'react'

/** Where a paged list stands: the cursor after which it goes on, and those of the pages before. */
export interface Paging {
  readonly after: string | null
  readonly page: number
  readonly next: (cursor: string) => void
  readonly back: () => void
}

/** Pages of a list by cursors; `of` begins again at the first page when it changes (a filter, say). */
export function usePaging(of: string): Paging {
  const [state, setState] = useState<{ of: string; cursors: readonly string[] }>({
    of,
    cursors: [],
  })
  const cursors = state.of === of ? state.cursors : []
  return {
    after: cursors.at(-1) ?? null,
    page: cursors.length + 1,
    next: (cursor) => {
      setState({ of, cursors: [...cursors, cursor] })
    },
    back: () => {
      setState({ of, cursors: cursors.slice(0, -1) })
    },
  }
}

/** Buttons below a paged list, which say how many rows there are in all. */
export function Pager({
  paging,
  size,
  total,
  info,
}: {
  paging: Paging
  size: number
  total: number
  info: { hasNextPage: boolean; endCursor: string | null }
}) {
  const from = (paging.page - 1) * size + 1
  const to = Math.min(total, paging.page * size)
  const { endCursor } = info
  const isOne = paging.page === 1 && !info.hasNextPage
  if (total === 0) return null
  if (isOne)
    return (
      <p className="pager number" role="status">
        {`${from}–${to} of ${total}`}
      </p>
    )
  return (
    <nav className="pager" aria-label="Pages of the list">
      <button type="button" onClick={paging.back} disabled={paging.page === 1}>
        ← Back
      </button>
      <span className="number" role="status">
        {`${from}–${to} of ${total}`}
      </span>
      <button
        type="button"
        disabled={!info.hasNextPage || endCursor === null}
        onClick={() => {
          if (endCursor !== null) paging.next(endCursor)
        }}
      >
        Further →
      </button>
    </nav>
  )
}
