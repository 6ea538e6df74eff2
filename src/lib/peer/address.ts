import { isIP, isIPv4, isIPv6 } from 'node:net'

/** An address as people write it: IPv4 inside of IPv6 (`::ffff:192.0.2.1`, on sockets of both) as IPv4, without a zone. Undefined if it is none. */
export function normalizeAddress(text: string): string | undefined {
  const address = text.replace(/^\[([^\]]*)\]$/, '$1').replace(/%.*$/s, '')
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? []
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  return isIP(address) ? address : undefined
}

/** An address with a port behind it, as some proxies write it: `192.0.2.1:1234`, `[2001:db8::1]:1234`. */
export const parseForwardedAddress = (text: string): string | undefined =>
  normalizeAddress(text.replace(/^(\[[^\]]*\]|[\d.]+):\d+$/, '$1'))

/**
 * What is counted together: an IPv4 address; of IPv6 the network of 64 bits, all of whose addresses one customer has.
 * What is no address is a group of its own.
 */
export function groupOfAddress(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const words = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    // An IPv4 part at the end has the place of two words.
    const after = tail === '' ? [] : tail.replace(/[^:]*\.[^:]*$/, '0:0').split(':')
    while (words.length + after.length < 8) words.push('0')
    words.push(...after)
  }
  return `${words
    .slice(0, 4)
    .map((word) => word.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
