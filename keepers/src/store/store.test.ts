import {
  type Hash,
  merkleRoot,
  MerkleTree,
  packHashes,
  stateRoot,
  Tensor,
  tensorRoot,
} from '@lockstep/repops'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { oneLine } from '../errors.ts'
import { createLog } from '../log.ts'
import { toAddress } from './artifact.ts'
import { FolderStore } from './folder.ts'
import { HttpStore } from './http.ts'
import { jobStore } from './job-store.ts'
import { Mirror } from './mirror.ts'
import { BusyError } from './queue.ts'
import { serve, type TraceSource } from './server.ts'
import { fetchTensor, storeTensor } from './tensors.ts'

const log = createLog('silent', 'test')
const MIB = 1 << 20
const MOST = MIB
// 700 elements in three leaves of 1 KiB.
const tensor = Tensor.f32(Array.from({ length: 700 }, (_, i) => i / 3))
const leaves = Uint8Array.from({ length: 3072 }, (_, i) => tensor.bytes.at(i) ?? 0)
const address = toAddress('tensors', tensorRoot(tensor))

let folder: string
let store: FolderStore
const servers: { close(): unknown }[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-store-'))
  store = new FolderStore(folder)
})

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the folder', () => {
  test('gives back what was put', async () => {
    store.put(address, leaves)
    expect(await store.get(address, MOST)).toEqual(leaves)
    const list = toAddress('lists', stateRoot([tensor, tensor]))
    store.put(list, packHashes([address.root, address.root]))
    expect((await store.get(list, MOST))?.length).toBe(64)
  })

  test('leaves nothing but the artifact', () => {
    store.put(address, leaves)
    expect(readdirSync(join(folder, 'tensors'))).toEqual([address.root])
  })

  test('says that it does not have something', async () => {
    expect(await store.get(address, MOST)).toBeUndefined()
  })

  test('refuses to store other bytes', () => {
    const other = leaves.slice()
    other[5] ^= 1
    expect(() => {
      store.put(address, other)
    }).toThrow(/have the root 0x[0-9a-f]{64}, not/)
    expect(readdirSync(folder)).toEqual([])
  })

  test.each([
    ['a flipped bit', (bytes: Uint8Array) => ((bytes[1000] ^= 4), bytes)],
    ['a missing end', (bytes: Uint8Array) => bytes.subarray(0, 1024)],
    ['a byte too many', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
    ['nothing', () => new Uint8Array()],
  ])('notices %s when it reads', async (_, damage) => {
    mkdirSync(join(folder, 'tensors'))
    writeFileSync(join(folder, 'tensors', address.root), damage(leaves.slice()))
    await expect(store.get(address, MOST)).rejects.toMatchObject({
      code: 'artifact-mismatch',
      exit: 4,
    })
  })

  test('does not read more than was asked for', async () => {
    store.put(address, leaves)
    await expect(store.get(address, 3071)).rejects.toMatchObject({ code: 'artifact-too-large' })
    expect(await store.get(address, 3072)).toBeDefined()
  })

  test.each([
    ['tensors', '../../etc/passwd'],
    ['tensors', `${address.root}/..`],
    ['tensors', address.root.toUpperCase()],
    ['tensors', address.root.slice(0, 65)],
    ['..', address.root],
    ['__proto__', address.root],
  ])('refuses the address %s/%s', (kind, root) => {
    expect(() => toAddress(kind, root)).toThrow(/not the address of an artifact/)
  })
})

describe('over HTTP', () => {
  const start = async () => {
    const server = await serve({ port: 0, host: '127.0.0.1', folder: store, maxBytes: MOST, log })
    servers.push(server)
    return server.url
  }

  test('a peer gets the artifact and checks it', async () => {
    store.put(address, leaves)
    const peer = new HttpStore(`${await start()}/`)
    expect(await peer.get(address, MOST)).toEqual(leaves)
    expect(await peer.get(toAddress('lists', address.root), MOST)).toBeUndefined()
  })

  test('pages of other sites may read, and do nothing else', async () => {
    store.put(address, leaves)
    const url = `${await start()}/tensors/${address.root}`
    const allowed = async (method: string): Promise<string | null> =>
      (await fetch(url, { method })).headers.get('access-control-allow-origin')
    expect(await allowed('GET')).toBe('*')
    expect(await allowed('HEAD')).toBe('*')
    for (const method of ['POST', 'PUT', 'OPTIONS']) expect(await allowed(method)).toBeNull()
  })

  test.each([
    ['GET', '/tensors/..%2f..%2fetc%2fpasswd', 400],
    ['GET', '/tensors/../../../etc/passwd', 400],
    ['GET', '/', 404],
    ['GET', `/tensors/${'0x' + '0'.repeat(64)}/x`, 404],
    ['GET', `/traces/${'0x' + '0'.repeat(64)}/steps/0/row/0/0`, 404],
    ['POST', `/tensors/${'0x' + '0'.repeat(64)}`, 405],
    ['DELETE', `/tensors/${'0x' + '0'.repeat(64)}`, 405],
  ])('%s %s is answered with %i', async (method, path, status) => {
    const response = await fetch((await start()) + path, { method })
    expect(response.status).toBe(status)
    expect((await response.arrayBuffer()).byteLength).toBe(0)
  })

  test('too many questions at once are put off', async () => {
    const traces: TraceSource = {
      row: () => Promise.reject(new BusyError(7)),
      leaf: () => Promise.resolve(undefined),
    }
    const server = await serve({
      port: 0,
      host: '127.0.0.1',
      folder: store,
      traces,
      maxBytes: MOST,
      log,
    })
    servers.push(server)
    const url = `${server.url}/traces/${address.root}/steps/0/row/0/0`
    const response = await fetch(url)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7'])
    expect((await fetch(url.replace('row/0/0', 'leaf/0'))).status).toBe(404)
  })

  /** A sparse file under the name of an artifact: the server does not hash what its readers check. */
  const putLarge = (mib: number): string => {
    const { root } = toAddress('tensors', `0x${'ab'.repeat(32)}`)
    mkdirSync(join(folder, 'tensors'), { recursive: true })
    writeFileSync(join(folder, 'tensors', root), '')
    truncateSync(join(folder, 'tensors', root), mib * MIB)
    return `/tensors/${root}`
  }

  const startLarge = async (patienceSeconds: number) => {
    const server = await serve({
      port: 0,
      host: '127.0.0.1',
      folder: store,
      maxBytes: 2 ** 30,
      patienceSeconds,
      log,
    })
    servers.push(server)
    return server.url
  }

  /** A connection that has asked for `path` and reads no more than it is told to. */
  const ask = async (url: string, path: string, method = 'GET'): Promise<Socket> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    servers.push({ close: () => socket.destroy() })
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
    return socket
  }

  /** The most that this process grows while `task` runs. */
  const growthOf = async (task: () => Promise<unknown>): Promise<number> => {
    const before = process.memoryUsage.rss()
    let most = before
    const look = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 5)
    await task().finally(() => {
      clearInterval(look)
    })
    return Math.max(most, process.memoryUsage.rss()) - before
  }

  test('a flood of downloads: each comes whole or is put off', async () => {
    const path = putLarge(2)
    const url = await startLarge(20)
    const flood = Array.from({ length: 100 }, async () => {
      const response = await fetch(url + path)
      return [response.status, (await response.arrayBuffer()).byteLength].join()
    })
    const answers = await Promise.all(flood)
    expect(answers.filter((answer) => answer === `200,${2 * MIB}`).length).toBeGreaterThanOrEqual(
      64,
    )
    expect(answers.every((answer) => ['503,0', `200,${2 * MIB}`].includes(answer))).toBe(true)
  })

  test('a large artifact is not held in memory', async () => {
    const path = putLarge(512)
    const url = await startLarge(20)
    let got = 0
    const growth = await growthOf(async () => {
      const socket = await ask(url, path)
      await new Promise<void>((resolve) => {
        socket.on('data', ({ length }) => {
          got += length
          if (got > 512 * MIB) resolve()
        })
      })
    })
    expect(growth).toBeLessThan(128 * MIB)
  })

  test('its header costs neither a read nor a place', async () => {
    const path = putLarge(900)
    const url = await startLarge(60)
    const stalled = await Promise.all(Array.from({ length: 64 }, () => ask(url, path)))
    await Promise.all(stalled.map((socket) => once(socket, 'readable')))
    const started = performance.now()
    const response = await fetch(url + path, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe(String(900 * MIB))
    expect(performance.now() - started).toBeLessThan(2000)
    // None of the readers has stood still for long enough to make room.
    expect((await fetch(url + path)).status).toBe(503)
  })

  test('who reads nothing costs little memory, keeps nobody out and is cut off', async () => {
    const path = putLarge(64)
    store.put(address, leaves)
    const url = await startLarge(3)
    let sockets: Socket[] = []
    const growth = await growthOf(async () => {
      sockets = await Promise.all(Array.from({ length: 120 }, () => ask(url, path)))
      await Promise.all(sockets.map((socket) => once(socket, 'readable')))
      await new Promise((resolve) => setTimeout(resolve, 400))
    })
    expect(growth).toBeLessThan(256 * MIB)
    // All places are taken, and still others are served: once the buffers behind the readers are full, and before any is
    // cut off, which is after six seconds.
    const other = () => new HttpStore(url).get(address, MOST).catch(oneLine)
    for (let i = 0; i < 3; i++) await expect.poll(other, { timeout: 1500 }).toEqual(leaves)
    // A connection whose end is not read is not seen to close: read what is there, which is not all.
    await new Promise((resolve) => setTimeout(resolve, 6500))
    const taken = sockets.map(async (socket) => {
      let got = 0
      socket.on('data', ({ length }) => (got += length))
      if (!socket.destroyed) await once(socket, 'close')
      return got
    })
    for (const got of await Promise.all(taken)) expect(got).toBeLessThan(64 * MIB)
  })

  test('a damaged file is noticed by its reader', async () => {
    store.put(address, leaves)
    truncateSync(join(folder, 'tensors', address.root), 1024)
    await expect(new HttpStore(await start()).get(address, MOST)).rejects.toMatchObject({
      code: 'artifact-mismatch',
    })
  })

  /** A server that answers every request in the same way. */
  const liar = async (answer: Parameters<typeof createServer>[1]): Promise<string> => {
    const server: Server = createServer(answer)
    servers.push({ close: () => (server.closeAllConnections(), server.close()) })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  test('wrong bytes are refused and named', async () => {
    const url = await liar((_, response) => response.end(Buffer.alloc(3072)))
    const peer = new HttpStore(url)
    await expect(peer.get(address, MOST)).rejects.toThrow(`${url}/tensors/${address.root}`)
    await expect(peer.get(address, MOST)).rejects.toMatchObject({ code: 'artifact-mismatch' })
  })

  test('an endless answer is cut off at the limit', async () => {
    let sent = 0
    const url = await liar((_, response) => {
      const pump = (): void => {
        while (!response.destroyed && sent < 64 << 20) {
          sent += 65536
          if (!response.write(Buffer.alloc(65536))) return void response.once('drain', pump)
        }
      }
      pump()
    })
    await expect(new HttpStore(url).get(address, 3072)).rejects.toThrow(
      /more than the expected 3072/,
    )
    expect(sent).toBeLessThan(16 << 20)
  })

  test('a redirect is not followed', async () => {
    store.put(address, leaves)
    const real = await start()
    const url = await liar((request, response) =>
      response.writeHead(302, { location: real + (request.url ?? '') }).end(),
    )
    await expect(new HttpStore(url).get(address, MOST)).rejects.toMatchObject({
      code: 'artifact-missing',
    })
  })

  test('the mirror passes over a liar, and keeps what it got', async () => {
    const elsewhere = new FolderStore(mkdtempSync(join(folder, 'other-')))
    elsewhere.put(address, leaves)
    const url = await liar((_, response) => response.end('no'))
    const mirror = new Mirror(store, [new HttpStore(url), elsewhere], MOST, log)
    expect(await mirror.fetch('tensors', address.root)).toEqual(leaves)
    expect(store.has(address)).toBe(true)
  })

  test('the mirror repairs its own damaged file from a peer', async () => {
    mkdirSync(join(folder, 'tensors'))
    writeFileSync(join(folder, 'tensors', address.root), 'rubbish!')
    const elsewhere = new FolderStore(mkdtempSync(join(folder, 'other-')))
    elsewhere.put(address, leaves)
    await new Mirror(store, [elsewhere], MOST, log).fetch('tensors', address.root)
    expect(await store.get(address, MOST)).toEqual(leaves)
  })

  test('all that a mirror fetches has one time', async () => {
    let asked = 0
    const url = await liar((_, response) => {
      asked++
      response.writeHead(200)
      response.write('.')
    })
    const mirror = new Mirror(store, [new HttpStore(url)], MOST, log).within(0.3)
    const started = performance.now()
    for (let i = 0; i < 3; i++) {
      await expect(mirror.fetch('tensors', address.root)).rejects.toMatchObject({
        code: 'artifact-missing',
      })
    }
    expect(asked).toBe(1)
    expect(performance.now() - started).toBeLessThan(3000)
    // What is there already is still given.
    store.put(address, leaves)
    expect(await mirror.fetch('tensors', address.root)).toEqual(leaves)
  })

  test('the mirror says where nobody has an artifact, and where one is damaged', async () => {
    const mirror = new Mirror(store, [], MOST, log)
    await expect(mirror.fetch('tensors', address.root)).rejects.toMatchObject({
      code: 'artifact-missing',
    })
    mkdirSync(join(folder, 'tensors'))
    writeFileSync(join(folder, 'tensors', address.root), 'rubbish!')
    await expect(mirror.fetch('tensors', address.root)).rejects.toMatchObject({
      code: 'artifact-mismatch',
    })
  })
})

test('an upper row of a list has its root and is not taken for it', async () => {
  const hashes = ['1', '2', '3'].map((digit): Hash => `0x${digit.repeat(64)}`)
  const tree = new MerkleTree(packHashes(hashes))
  const { root } = tree
  const row = packHashes([tree.node(1, 0), tree.node(1, 1)])
  store.put({ kind: 'lists', root }, packHashes([root]))
  const peer = { get: () => Promise.resolve(row) }
  const elsewhere = { get: () => Promise.resolve(packHashes(hashes)) }
  const misled = new Mirror(store, [peer], MOST, log)
  await expect(misled.fetchList(root, 3)).rejects.toMatchObject({ code: 'artifact-mismatch' })
  const mirror = new Mirror(store, [peer, elsewhere], MOST, log)
  expect(await mirror.fetchList(root, 3)).toEqual(packHashes(hashes))
  // What lay in its own folder is mended.
  expect(await misled.fetchList(root, 3)).toEqual(packHashes(hashes))
})

test('a tensor comes back at its size, whatever other tensors have its root', async () => {
  const [short, long] = [Tensor.zeros('f32', 48), Tensor.zeros('i32', 144)]
  const root = storeTensor(short, store)
  expect(storeTensor(long, store)).toBe(root)
  const mirror = new Mirror(store, [], MOST, log)
  expect((await fetchTensor(mirror, root, 'f32', 48, 'x')).count).toBe(48)
  expect((await fetchTensor(mirror, root, 'i32', 144, 'x')).count).toBe(144)
  await expect(fetchTensor(mirror, root, 'i32', 257, 'x')).rejects.toMatchObject({
    code: 'artifact-mismatch',
  })
})

test('data behind the last element is refused: such a root can never be opened', async () => {
  const root = storeTensor(Tensor.f32([1, 2, 3]), store)
  const mirror = new Mirror(store, [], MOST, log)
  await expect(fetchTensor(mirror, root, 'f32', 2, 'x')).rejects.toThrow(
    /data behind the 2 elements/,
  )
})

test('a list is the leaves of a tree', () => {
  const list = packHashes([address.root, address.root, address.root])
  expect(merkleRoot(list)).toBe(stateRoot([tensor, tensor, tensor]))
})

describe('the store that a job names', () => {
  test.each([
    ['https://example.org/x', true],
    ['http://93.184.216.34:8080', true],
    ['http://127.0.0.1:8080', false],
    ['http://2130706433/', false], // 127.0.0.1 as one number
    ['http://10.1.2.3', false],
    ['http://172.31.0.1', false],
    ['http://169.254.169.254/latest', false],
    ['http://[::1]:80', false],
    ['http://[fd00::1]', false],
    ['http://[::ffff:127.0.0.1]', false],
    ['http://[::127.0.0.1]', false],
    ['http://[64:ff9b::7f00:1]', false],
    ['http://[2002:7f00:1::]', false],
    ['http://[2606:4700::1111]', true],
    ['http://0', false],
    ['http://255.255.255.255', false],
    ['ftp://example.org', false],
    ['file:///etc/passwd', false],
    ['http://user@example.org', false],
    ['', false],
    [undefined, false],
  ])('%s is used on a real chain: %s', (uri, used) => {
    expect(jobStore(uri, 8453) !== undefined).toBe(used)
  })

  describe('what its name resolves to is judged when it is connected to', () => {
    // The service that must not be reached: it has the artifact, and counts who comes.
    let url: string
    let port: string
    let visitors: number
    beforeEach(async () => {
      store.put(address, leaves)
      visitors = 0
      const server = createServer((_, response) => {
        visitors++
        response.end(leaves)
      })
      servers.push({ close: () => (server.closeAllConnections(), server.close()) })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      port = String((server.address() as AddressInfo).port)
      url = `http://store.example:${port}`
    })

    const resolving =
      (...found: string[]): LookupFunction =>
      (_, options, callback) => {
        const all = found.map((at) => ({ address: at, family: isIP(at) }))
        if (options.all === true) callback(null, all)
        else callback(null, all[0].address, all[0].family)
      }

    test('a devnet lets it be local', async () => {
      const job = jobStore(url, 31337, resolving('127.0.0.1'))
      expect(await job?.get(address, MOST)).toEqual(leaves)
      expect(visitors).toBe(1)
    })

    test.each([
      [['127.0.0.1']],
      [['93.184.216.34', '127.0.0.1']],
      [['::1']],
      [['::ffff:127.0.0.1']],
      [['64:ff9b::7f00:1']],
      [['fe80::1%lo']],
      [['169.254.169.254']],
    ])('%j is not connected to', async (found) => {
      const job = jobStore(url, 8453, resolving(...found))
      await expect(job?.get(address, MOST)).rejects.toThrow(
        /store\.example has the private address/,
      )
      expect(visitors).toBe(0)
    })

    test.each(['localhost', 'localhost.', 'x.localhost'])('nor is %s', async (name) => {
      const job = jobStore(`http://${name}:${port}`, 8453)
      await expect(job?.get(address, MOST)).rejects.toMatchObject({ code: 'artifact-missing' })
      expect(visitors).toBe(0)
    })

    test('a name that changes its mind is judged again', async () => {
      let calls = 0
      const job = jobStore(url, 8453, (host, options, callback) => {
        resolving(calls++ === 0 ? '203.0.113.1' : '127.0.0.1')(host, options, callback)
      })
      // Nobody answers there, or nobody is let out: what matters is that the second look counts.
      await Promise.race([
        job?.get(address, MOST).catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, 200)),
      ])
      await expect(job?.get(address, MOST)).rejects.toThrow(/private address 127\.0\.0\.1/)
      expect([calls, visitors]).toEqual([2, 0])
    })
  })

  test('on a devnet it may be local', () => {
    expect(jobStore('http://127.0.0.1:8080', 31337)).toBeDefined()
  })
})
