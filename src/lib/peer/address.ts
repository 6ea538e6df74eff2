import { isIP, isIPv4, isIPv6 } from 'node:net'

/**
 * Normalises an address: IPv4-mapped IPv6 (`::ffff:192.0.2.1`, on dual-stack sockets) becomes IPv4,
 * and the zone is removed. Undefined if the text is not an address.
 */
export function normalizeAddress(text: string): string | undefined {
  const address = text.replace(/^\[([^\]]*)\]$/, '$1').replace(/%.*$/s, '')
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? []
  if (mapped !== undefined && isIPv4(mapped)) return mapped
  return isIP(address) ? address : undefined
}

/** An address with a port, as some proxies write it: `192.0.2.1:1234`, `[2001:db8::1]:1234`. */
export const parseForwardedAddress = (text: string): string | undefined =>
  normalizeAddress(text.replace(/^(\[[^\]]*\]|[\d.]+):\d+$/, '$1'))

/**
 * The key for rate limits: an IPv4 address, or the /64 network of an IPv6 address, which one
 * customer owns. Any other text is its own group.
 */
export function groupOfAddress(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const words = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    // An IPv4 suffix takes the place of two words.
    const after = tail === '' ? [] : tail.replace(/[^:]*\.[^:]*$/, '0:0').split(':')
    while (words.length + after.length < 8) words.push('0')
    words.push(...after)
  }
  return `${words
    .slice(0, 4)
    .map((word) => word.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
