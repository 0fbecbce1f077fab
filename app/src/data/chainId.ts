/** The id of the chain behind an RPC address, by plain fetch: viem is not needed for the first page. */
export async function chainIdOf(rpcUrl: string, signal?: AbortSignal): Promise<number> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
    signal: signal ?? null,
  })
  const { result } = (await response.json()) as { result?: unknown }
  const id = Number(result)
  if (typeof result !== 'string' || !Number.isSafeInteger(id))
    throw new Error(`${new URL(rpcUrl).host} does not say which chain it is of`)
  return id
}
