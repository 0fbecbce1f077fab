import { BlockList, isIP } from 'node:net'
import { isDevnet } from '../config/devnet.ts'
import { HttpStore } from './http.ts'

// A job's address of artifacts is a stranger's words: it must not make a keeper talk to its own network.
const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4')
}
PRIVATE.addAddress('::', 'ipv6')
PRIVATE.addAddress('::1', 'ipv6')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fe80::', 10, 'ipv6')

/** The store that a job names, if it can be used: HTTP, and, off devnets, not at a private address. */
export function jobStore(uri: string | undefined, chainId: number): HttpStore | undefined {
  if (uri === undefined || !URL.canParse(uri)) return undefined
  const { protocol, hostname, username } = new URL(uri)
  if ((protocol !== 'http:' && protocol !== 'https:') || username !== '') return undefined
  return isDevnet(chainId) || !isPrivate(hostname) ? new HttpStore(uri) : undefined
}

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  if (family === 0) return host === 'localhost' || /\.(localhost|local|internal)$/.test(host)
  if (family === 4) return PRIVATE.check(host, 'ipv4')
  // An IPv4 address in IPv6 clothes, which the URL parser writes in hexadecimal: no store needs one.
  return host.startsWith('::ffff:') || PRIVATE.check(host, 'ipv6')
}
