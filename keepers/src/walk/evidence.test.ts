import { type Hash, MerkleTree, Tensor, tensorTree } from '@lockstep/repops'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Dispute } from '../chain/disputes.ts'
import { createLog } from '../log.ts'
import { leafHash, TracePeer } from '../trace/peer.ts'
import { Evidence } from './evidence.ts'

const ROOT: Hash = `0x${'11'.repeat(32)}`
const place = { tree: 'tensor', step: 0, node: 0 } as const

let folder: string
let warnings: { problem?: string; lied?: boolean }[]
const servers: Server[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-evidence-'))
  warnings = []
})
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

async function peer(answer: RequestListener): Promise<TracePeer> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return new TracePeer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

function evidence(...peers: TracePeer[]): Evidence {
  const log = createLog('silent', 'test')
  log.warn = ((fields: object) => warnings.push(fields)) as typeof log.warn
  return new Evidence(ROOT, peers, join(folder, 'claim.jsonl'), log)
}

/** A dispute in which these bytes were revealed. */
const revealed = (bytes: Uint8Array) =>
  ({
    moves: [{ position: {}, leaf: `0x${Buffer.from(bytes).toString('hex')}` }],
  }) as unknown as Dispute

describe('a leaf', () => {
  const real = Uint8Array.from({ length: 12 }, (_, i) => i + 1)

  test('is kept for later, and for later processes', async () => {
    const source = await peer((_, response) => response.end(real))
    expect(await evidence(source).leaf(leafHash(real), place, 0, 12)).toEqual(real)
    expect(await evidence().leaf(leafHash(real), place, 0, 12)).toEqual(real)
  })

  test.each([
    ['too short', real.subarray(0, 8), /leaf\/0 has 8 bytes, 12 are real/],
    ['too long', Uint8Array.of(...real, 0), /leaf\/0 has 13 bytes, 12 are real/],
    ['changed', real.map((byte) => byte ^ 1), /leaf\/0 hashes to 0x/],
  ])('that is %s counts as withheld, and the peer is told of', async (_, bytes, problem) => {
    const source = await peer((__, response) => response.end(bytes))
    const it = evidence(source)
    expect(await it.leaf(leafHash(real), place, 0, 12)).toBeUndefined()
    expect(warnings).toMatchObject([
      { lied: true, problem: expect.stringMatching(problem) as string },
    ])
  })

  test('that another tensor shares is taken at this tensor’s length', async () => {
    // 3 and 100 zeros hash alike: what was revealed of one is known of the other.
    const it = evidence()
    it.absorb(revealed(new Uint8Array(12)))
    const hash = leafHash(new Uint8Array(12))
    expect(await it.leaf(hash, place, 0, 400)).toEqual(new Uint8Array(400))
    expect(await it.leaf(hash, place, 0, 4)).toEqual(new Uint8Array(4))
  })

  test('with data behind the tensor’s last element cannot be opened: it counts as withheld', async () => {
    const it = evidence()
    it.absorb(revealed(real))
    expect(await it.leaf(leafHash(real), place, 0, 8)).toBeUndefined()
  })
})

describe('a row', () => {
  const own = tensorTree(Tensor.zeros('f32', 256 * 70))
  const claimed = tensorTree(Tensor.f32(Array.from({ length: 256 * 70 }, (_, i) => i)))

  test.each([
    ['of half a hash', 16],
    ['without its last hash', 32],
  ])('%s too few teaches nothing', async (_, missing) => {
    const row = claimed.reveal(claimed.depth, 0, 6)
    const bytes = Buffer.from(row.map((hash) => hash.slice(2)).join(''), 'hex')
    const source = await peer((__, response) => response.end(bytes.subarray(0, -missing)))
    const it = evidence(source)
    const tree = it.tree(claimed.root, own)
    expect(await it.descend(tree, place)).toMatchObject({ kind: 'unknown' })
    expect(warnings).toMatchObject([{ lied: true }])
  })
})

describe('a slow peer', () => {
  const one = new MerkleTree([ROOT, ROOT])
  const other = new MerkleTree([ROOT, leafHash(Uint8Array.of(1))])

  test('gets a part of the time that is left, all questions together', async () => {
    let asked = 0
    const silent = await peer(() => asked++)
    const mute = await peer(() => asked++)
    const it = evidence(silent, mute)
    it.beginMove(1)
    const started = performance.now()
    const tree = it.tree(one.root, other)
    expect(await it.descend(tree, place)).toMatchObject({ kind: 'unknown' })
    expect(await it.leaf(ROOT, place, 0, 4)).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(600)
    expect(asked).toBe(1)
  })

  test('is not asked at all where no time is left', async () => {
    let asked = 0
    const it = evidence(await peer((_, response) => (asked++, response.end())))
    it.beginMove(-5)
    expect(await it.leaf(ROOT, place, 0, 4)).toBeUndefined()
    it.beginMove(5)
    await it.leaf(ROOT, place, 0, 4)
    expect(asked).toBe(1)
  })
})
