import { inSlices } from '@lockstep/repops'
import type { LookupFunction } from 'node:net'
import { download } from '../files/download.ts'
import { type Address, verifying } from './artifact.ts'
import type { ArtifactSource } from './store.ts'

/** Artifacts of a store served over HTTP (`<base>/<kind>/<root>`). The server is not trusted. */
export class HttpStore implements ArtifactSource {
  readonly base: string
  readonly #lookup: LookupFunction | undefined

  /** `lookup`: how the host name is resolved, if not as usual. */
  constructor(base: string, lookup?: LookupFunction) {
    this.base = base.replace(/\/+$/, '')
    this.#lookup = lookup
  }

  async get(
    address: Address,
    limit: number,
    timeoutSeconds?: number,
  ): Promise<Uint8Array | undefined> {
    const url = `${this.base}/${address.kind}/${address.root}`
    const bytes = await download(url, limit, timeoutSeconds, this.#lookup)
    if (bytes !== undefined) await inSlices(verifying(address, bytes, url))
    return bytes
  }
}
