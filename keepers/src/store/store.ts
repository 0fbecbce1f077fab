import type { Address } from './artifact.ts'

/** Where artifacts come from. Whatever is returned has been checked against its root. */
export interface ArtifactSource {
  /** The bytes at `address`, or undefined if this place does not have them. At most `limit` bytes. */
  get(address: Address, limit: number, timeoutSeconds?: number): Promise<Uint8Array | undefined>
}
