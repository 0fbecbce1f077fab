/** Chain ids that development chains use: their keys are public and their ether is worth nothing. */
const DEVNETS: ReadonlySet<number> = new Set([900, 901, 1337, 31337])

export function isDevnet(chainId: number): boolean {
  return DEVNETS.has(chainId)
}
