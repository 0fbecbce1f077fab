import { download } from '../files/download.ts'
import { type Address, verifyArtifact } from './artifact.ts'
import type { ArtifactSource } from './store.ts'

/** Artifacts of a store served over HTTP (`<base>/<kind>/<root>`). The server is not trusted. */
export class HttpStore implements ArtifactSource {
  readonly base: string

  constructor(base: string) {
    this.base = base.replace(/\/+$/, '')
  }

  async get(address: Address, limit: number): Promise<Uint8Array | undefined> {
    const url = `${this.base}/${address.kind}/${address.root}`
    const bytes = await download(url, limit)
    if (bytes !== undefined) verifyArtifact(address, bytes, url)
    return bytes
  }
}
