/** Twenty bytes in hexadecimal, as viem types them. */
export type Address = `0x${string}`

export const isAddress = (value: unknown): value is Address =>
  typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value)
