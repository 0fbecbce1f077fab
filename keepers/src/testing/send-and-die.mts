// A process that sends one transaction and kills itself at a named point of the way: see sender.test.ts.
import { createPublicClient, http, parseGwei } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { Journal } from '../chain/journal.ts'
import { Sender } from '../chain/sender.ts'
import { createLog } from '../log.ts'

const { url, journal, key, intent, to, point } = JSON.parse(process.argv[2]) as {
  url: string
  journal: string
  key: `0x${string}`
  intent: string
  to: `0x${string}`
  point: string
}
const client = createPublicClient({ transport: http(url), cacheTime: 0 })
const sender = new Sender(
  client,
  await client.getChainId(),
  privateKeyToAccount(key),
  new Journal(journal),
  {
    confirmations: 1,
    maxFeePerGasWei: parseGwei('500'),
    bumpAfterSeconds: 60,
    pollSeconds: 0.05,
    at: (reached) => {
      if (reached === point) process.kill(process.pid, 'SIGKILL')
    },
  },
  createLog('silent', 'test'),
)
await sender.recover()
await sender.send(intent, { move: 'pay', to, data: '0x', valueWei: 1n })
