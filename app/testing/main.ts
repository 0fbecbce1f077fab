// `npm run mock -w app`: the page over stand-ins for GraphQL and a node, rebuilt as it is edited.
import { createServer } from 'vite'
import { fileURLToPath } from 'node:url'
import { standIn } from './indexer.ts'
import { NOW, small } from './rows.ts'
import { standInRpc } from './rpc.ts'
import { ADDRESSES } from './stage.ts'

const [indexer, rpc] = await Promise.all([standIn(small), standInRpc()])
indexer.timestamp = NOW
const config = {
  chainId: 31337,
  rpcUrl: rpc.url,
  graphqlUrl: indexer.url,
  contracts: ADDRESSES,
  artifacts: [],
}
const vite = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  server: { host: '127.0.0.1' },
  plugins: [
    {
      name: 'config.json',
      configureServer: ({ middlewares }) => {
        middlewares.use('/config.json', (_, response) => {
          response.setHeader('content-type', 'application/json')
          response.end(JSON.stringify(config))
        })
      },
      // Vite's own client is an inline script with inline styles, which the page's policy refuses.
      transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Sec[^>]*>/, ''),
    },
  ],
})
await vite.listen()
vite.printUrls()
