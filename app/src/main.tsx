import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'
import { App } from './App.tsx'
import type { Config } from './config/config.ts'
import { loadConfig } from './config/loadConfig.ts'
import { ConfigContext } from './config/useConfig.ts'
import { HeadWatch } from './data/head.ts'
import { HeadContext } from './data/useHead.ts'
import { useHashPath, useHashSearch } from './hashLocation.ts'
import './theme/theme.css'
import './theme/base.css'
import './theme/parts.css'
import { applyTheme } from './theme/useTheme.ts'
import { Notice, Page } from './ui/Page.tsx'

applyTheme()
const root = createRoot(document.getElementById('root')!)

function show(config: Config): ReactNode {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        retry: false,
        networkMode: 'always',
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        staleTime: 1000,
      },
    },
  })
  return (
    <ConfigContext value={config}>
      <QueryClientProvider client={queries}>
        <Router hook={useHashPath} searchHook={useHashSearch} hrefs={useHashPath.hrefs}>
          <Pulse watch={new HeadWatch(config, queries)} />
        </Router>
      </QueryClientProvider>
    </ConfigContext>
  )
}

function Pulse({ watch }: { watch: HeadWatch }) {
  useEffect(() => watch.start(), [watch])
  return (
    <HeadContext value={watch}>
      <App />
    </HeadContext>
  )
}

function Unconfigured({ why }: { why: string }) {
  return (
    <main>
      <Page title="This page is not configured">
        <Notice tone="bad">
          <p className="foreign">{why}.</p>
          <p>
            The file <code>config.json</code> next to <code>index.html</code> must name{' '}
            <code>chainId</code>, <code>rpcUrl</code>, <code>graphqlUrl</code>,{' '}
            <code>contracts</code> and <code>artifacts</code>; <code>npm run page</code> writes it
            from a deployment.
          </p>
        </Notice>
      </Page>
    </main>
  )
}

try {
  const config = await loadConfig()
  root.render(<StrictMode>{show(config)}</StrictMode>)
} catch (error) {
  root.render(<Unconfigured why={error instanceof Error ? error.message : String(error)} />)
}
