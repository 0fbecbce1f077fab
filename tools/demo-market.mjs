// `npm run demo:market`: installs what is missing, then plays a market on a local chain.
import { setup } from './setup.mjs'

await setup()
const { load } = await import('../keepers/bin/bundle.mjs') // whose packages are there now
await load('keepers/src/demo/market/main.ts')
