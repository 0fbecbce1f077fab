import type { Page } from 'playwright-core'
import { createWalletClient, defineChain, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

/** A browser wallet with one key, which lives in the process of the test. */
export interface TestWallet {
  readonly address: string
  /** Puts it into a page: by EIP-6963, or as `window.ethereum` alone. */
  readonly install: (page: Page) => Promise<void>
  /** Methods that its user declines. */
  readonly declines: Set<string>
  /** What happens while its user thinks about a method. */
  readonly before: Map<string, () => Promise<unknown>>
  /** Methods that it does not know. */
  readonly lacks: Set<string>
  /** Chain that it is on; change it with `moveTo`. */
  readonly chainId: () => number
  readonly moveTo: (page: Page, chainId: number) => Promise<void>
  /** Methods that it was asked for. */
  readonly asked: string[]
}

/** What `window` has in a page with the wallet. */
interface Hooked {
  lockstepAsk: (method: string, params: string) => Promise<string>
  lockstepTell: (event: string, value: unknown) => void
}

interface Refusal {
  readonly code: number
  readonly message: string
}

export function testWallet(options: {
  rpcUrl: string
  privateKey: Hex
  chainId: number
  name: string
}): TestWallet {
  const { rpcUrl, name } = options
  const account = privateKeyToAccount(options.privateKey)
  let chainId = options.chainId
  const declines = new Set<string>()
  const lacks = new Set<string>()
  const before = new Map<string, () => Promise<unknown>>()
  const asked: string[] = []
  const chain = defineChain({
    id: options.chainId,
    name: 'devnet',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })
  const client = createWalletClient({ account, chain, transport: http(rpcUrl) })

  const answer = async (page: Page, method: string, params: readonly unknown[]) => {
    asked.push(method)
    await before.get(method)?.()
    if (declines.has(method)) throw refusal(4001, 'User rejected the request.')
    if (lacks.has(method)) throw refusal(-32601, `the method ${method} is not known`)
    switch (method) {
      case 'eth_requestAccounts':
      case 'eth_accounts':
        return [account.address]
      case 'wallet_requestPermissions':
        return [{ parentCapability: 'eth_accounts' }]
      case 'wallet_revokePermissions':
        return null
      case 'eth_chainId':
        return `0x${chainId.toString(16)}`
      case 'wallet_switchEthereumChain':
        await self.moveTo(page, Number((params[0] as { chainId: Hex }).chainId))
        return null
      case 'eth_signTypedData_v4':
        return account.signTypedData(JSON.parse(String(params[1])) as never)
      case 'eth_sendTransaction': {
        const { to, data, value, gas } = params[0] as Readonly<Record<string, Hex | undefined>>
        return client.sendTransaction({
          to: to!,
          ...(data === undefined ? {} : { data }),
          ...(value === undefined ? {} : { value: BigInt(value) }),
          ...(gas === undefined ? {} : { gas: BigInt(gas) }),
        })
      }
      default:
        return client.request({ method, params } as never)
    }
  }

  const self: TestWallet = {
    address: account.address,
    declines,
    before,
    lacks,
    asked,
    chainId: () => chainId,
    moveTo: async (page, to) => {
      chainId = to
      await page.evaluate((id) => {
        ;(window as unknown as Hooked).lockstepTell('chainChanged', `0x${id.toString(16)}`)
      }, to)
    },
    install: async (page) => {
      await page.exposeFunction('lockstepAsk', async (method: string, params: string) => {
        try {
          return JSON.stringify({
            result: await answer(page, method, JSON.parse(params) as unknown[]),
          })
        } catch (error) {
          const { code = -32603, message } = error as Partial<Refusal> & Error
          return JSON.stringify({ error: { code, message } })
        }
      })
      await page.addInitScript(announce, name)
    },
  }
  return self
}

const refusal = (code: number, message: string): Error =>
  Object.assign(new Error(message), { code })

/** Runs in the page: a provider as EIP-1193 and EIP-6963 describe one. */
function announce(name: string): void {
  const hooked = window as unknown as Hooked
  const listeners = new Map<string, Set<(value: unknown) => void>>()
  hooked.lockstepTell = (event, value) => {
    for (const listener of listeners.get(event) ?? []) listener(value)
  }
  const provider = {
    request: async ({ method, params = [] }: { method: string; params?: unknown }) => {
      const text = await hooked.lockstepAsk(method, JSON.stringify(params))
      const { result, error } = JSON.parse(text) as {
        result?: unknown
        error?: { code: number; message: string }
      }
      if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code })
      return result
    },
    on: (event: string, listener: (value: unknown) => void) => {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
    },
    removeListener: (event: string, listener: (value: unknown) => void) => {
      listeners.get(event)?.delete(listener)
    },
  }
  const info = {
    uuid: '350670db-19fa-4704-a166-e52e178b59d2',
    name,
    rdns: 'test.lockstep.wallet',
    icon: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" fill="teal"/></svg>',
  }
  const tell = () => {
    const detail = Object.freeze({ info, provider })
    window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }))
  }
  window.addEventListener('eip6963:requestProvider', tell)
  tell()
}
