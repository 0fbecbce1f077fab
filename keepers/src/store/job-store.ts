import { lookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { isDevnet } from '../config/devnet.ts'
import { HttpStore } from './http.ts'

// A job's address of artifacts is a stranger's words: it must not make a keeper talk to its own network. What the
// registries of special-purpose addresses (RFC 6890) keep from the internet, and ways to write it in IPv6.
// One list for each family: in a list with both, mapped addresses stand for all of IPv4.
const PRIVATE = { ipv4: new BlockList(), ipv6: new BlockList() }
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3], // multicast, reserved, broadcast
] as const) {
  PRIVATE.ipv4.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 96], // unspecified, loopback, IPv4-compatible
  ['::ffff:0:0', 96], // IPv4-mapped
  ['64:ff9b::', 96], // IPv4 behind NAT64
  ['64:ff9b:1::', 48],
  ['2002::', 16], // IPv4 in 6to4
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.ipv6.addSubnet(network, prefix, 'ipv6')
}

/** The store that a job names, if it can be used. */
export function jobStore(
  uri: string | undefined,
  chainId: number,
  resolve?: LookupFunction,
): HttpStore | undefined {
  const place = strangersPlace(uri, chainId, resolve)
  return place && new HttpStore(place.url, place.lookup)
}

/**
 * An address in a stranger's words and how to resolve it, if it can be used: HTTP, and, off devnets, not a private
 * one. What a name resolves to (by `resolve`) is judged when it is connected to: it can be another address every time.
 */
export function strangersPlace(
  url: string | undefined,
  chainId: number,
  resolve: LookupFunction = lookup as LookupFunction,
): { readonly url: string; readonly lookup: LookupFunction } | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  const { protocol, hostname, username } = new URL(url)
  if ((protocol !== 'http:' && protocol !== 'https:') || username !== '') return undefined
  if (isDevnet(chainId)) return { url, lookup: resolve }
  // An address is connected to without being looked up.
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && isPrivate(host) ? undefined : { url, lookup: publicOnly(resolve) }
}

/** Resolves names as `resolve` does, and fails for one that has a private address. */
function publicOnly(resolve: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, [])
        return
      }
      const addresses = found as LookupAddress[]
      const hidden = addresses.find(({ address }) => isPrivate(address))
      if (hidden !== undefined || addresses.length === 0) {
        const where = hidden === undefined ? 'no address' : `the private address ${hidden.address}`
        callback(new Error(`${hostname} has ${where}`), [])
      } else if (options.all === true) callback(null, addresses)
      else callback(null, addresses[0].address, addresses[0].family)
    })
  }
}

function isPrivate(address: string): boolean {
  // Anything that is not clearly an address is not clearly public.
  const [plain] = address.split('%')
  if (isIP(plain) === 0) return true
  const family = isIP(plain) === 4 ? 'ipv4' : 'ipv6'
  return PRIVATE[family].check(plain, family)
}
