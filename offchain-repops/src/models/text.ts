/** A text over a compact alphabet: token t stands for byte `alphabet[t]`. */
export interface TokenText {
  readonly tokens: Int32Array
  /** The distinct bytes of the text in ascending order. */
  readonly alphabet: Uint8Array
}

export function tokenise(text: Uint8Array): TokenText {
  const alphabet = Uint8Array.from(new Set(text)).sort()
  const tokenOf = new Map([...alphabet].map((byte, token) => [byte, token]))
  return { tokens: Int32Array.from(text, (byte) => tokenOf.get(byte) ?? 0), alphabet }
}
