import { Link, useLocation } from 'wouter'
import { Page } from '../ui/Page.tsx'

/** There is no such page, or nothing by that id. */
export function NotFound({ what }: { what?: string }) {
  const [path] = useLocation()
  return (
    <Page title="Not found">
      <p>
        {what ?? (
          <>
            There is no page <code className="foreign">{path.slice(0, 120)}</code>.
          </>
        )}
      </p>
      <p>
        The search box finds jobs, disputes, operators and markets by id, address or hash;{' '}
        <Link href="/">the overview</Link> shows the newest of them.
      </p>
    </Page>
  )
}
