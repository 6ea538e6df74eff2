import { BlockList, isIP, isIPv6 } from 'node:net'

/**
 * Decides to which addresses a server may send requests that users configure. Refused are the
 * addresses of the machine itself and of its link, among them the metadata services of clouds, and
 * addresses that are no single host. Private networks are allowed: monitoring is usually there.
 */
export interface AddressGuard {
  /** @param host the name in the URL; @param address its resolved address */
  allows(host: string, address: string): boolean
}

const refused = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.192', 32],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  refused.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
  // IPv4 addresses in IPv6 notation that routers may translate.
  ['64:ff9b::', 96],
  ['2002::', 16],
] as const)
  refused.addSubnet(network, prefix, 'ipv6')

/** @param allowed host names, addresses and networks in CIDR notation that are allowed nevertheless */
export function createAddressGuard(allowed: readonly string[]): AddressGuard {
  const names = new Set<string>()
  const networks = new BlockList()
  for (const entry of allowed) {
    const [address = '', prefix] = entry.split('/')
    if (isIP(address) === 0) names.add(entry.toLowerCase())
    else if (prefix === undefined) networks.addAddress(address, isIPv6(address) ? 'ipv6' : 'ipv4')
    else networks.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return {
    allows(host, address) {
      if (names.has(host.toLowerCase())) return true
      const plain = unmap(address)
      const family = isIPv6(plain) ? 'ipv6' : 'ipv4'
      return networks.check(plain, family) || !refused.check(plain, family)
    },
  }
}

/** `::ffff:127.0.0.1`, also in hexadecimal notation, as `127.0.0.1`. */
function unmap(address: string): string {
  if (!isIPv6(address)) return address
  // The URL parser knows every notation of an address, and writes the shortest.
  const short = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? []
  if (high === undefined || low === undefined) return short
  const [upper, lower] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [upper >> 8, upper & 255, lower >> 8, lower & 255].join('.')
}
