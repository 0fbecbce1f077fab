import { type ComponentType, lazy, Suspense } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { Boundary } from './layout/Boundary.tsx'
import { Layout } from './layout/Layout.tsx'
import { Network } from './layout/Network.tsx'
import { NotFound } from './pages/NotFound.tsx'
import { Overview } from './pages/Overview.tsx'
import { Skeleton } from './ui/Page.tsx'

/** Pages by path, each a chunk of its own that is fetched when it is first opened. */
const LISTS: Readonly<Record<string, ComponentType>> = {
  '/jobs': lazy(() => import('./pages/Jobs.tsx')),
  '/disputes': lazy(() => import('./pages/Disputes.tsx')),
  '/operators': lazy(() => import('./pages/Operators.tsx')),
  '/markets': lazy(() => import('./pages/Markets.tsx')),
  '/contests': lazy(() => import('./pages/Contests.tsx')),
  '/models': lazy(() => import('./pages/Models.tsx')),
  '/series': lazy(() => import('./pages/SeriesList.tsx')),
  '/search': lazy(() => import('./pages/Search.tsx')),
}

/** Pages about one thing; they are mounted anew for another id. */
const THINGS: Readonly<Record<string, ComponentType<{ id: string }>>> = {
  '/jobs/:id': lazy(() => import('./pages/Job.tsx')),
  '/claims/:id': lazy(() => import('./pages/Claim.tsx')),
  '/disputes/:id': lazy(() => import('./pages/Dispute.tsx')),
  '/operators/:id': lazy(() => import('./pages/Operator.tsx')),
  '/accounts/:id': lazy(() => import('./pages/Account.tsx')),
  '/markets/:id': lazy(() => import('./pages/Market.tsx')),
  '/contests/:id': lazy(() => import('./pages/Contest.tsx')),
  '/evaluators/:id': lazy(() => import('./pages/Evaluator.tsx')),
  '/models/:id': lazy(() => import('./pages/Model.tsx')),
  '/series/:id': lazy(() => import('./pages/Series.tsx')),
}

export function App() {
  const [path] = useLocation()
  return (
    <Layout>
      <Boundary of={path}>
        <Network>
          <Suspense fallback={<Skeleton height={1200} />}>
            <Switch>
              <Route path="/">
                <Overview />
              </Route>
              {Object.entries(LISTS).map(([route, List]) => (
                <Route key={route} path={route}>
                  <List />
                </Route>
              ))}
              {Object.entries(THINGS).map(([route, Thing]) => (
                <Route key={route} path={route}>
                  {({ id = '' }: { id?: string }) => <Thing key={id} id={id} />}
                </Route>
              ))}
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
