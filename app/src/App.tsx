import { lazy, Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { Boundary } from './layout/Boundary.tsx'
import { Layout } from './layout/Layout.tsx'
import { Network } from './layout/Network.tsx'
import { NotFound } from './pages/NotFound.tsx'
import { Overview } from './pages/Overview.tsx'
import { Skeleton } from './ui/Page.tsx'

// Every page is a chunk of its own, fetched when it is first opened.
const Jobs = lazy(() => import('./pages/Jobs.tsx'))

/** The routes. A page takes its parameters as props, and is mounted anew when they change. */
export function App() {
  const [path] = useLocation()
  return (
    <Layout>
      <Boundary of={path}>
        <Network>
          <Suspense fallback={<Skeleton height={600} />}>
            <Switch>
              <Route path="/">
                <Overview />
              </Route>
              <Route path="/jobs">
                <Jobs />
              </Route>
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Suspense>
        </Network>
      </Boundary>
    </Layout>
  )
}
