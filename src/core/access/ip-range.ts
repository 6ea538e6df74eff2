/** The bytes of an address: 4 for IPv4, 16 for IPv6. */
type AddressBytes = readonly number[]

/** An address and the number of its leading bits that have to match. */
export interface IpRange {
  readonly bytes: AddressBytes
  readonly prefixBits: number
}

/** Parses `10.0.0.0/8`, `2001:db8::/32`, or a single address. Undefined if it is neither. */
export function parseIpRange(text: string): IpRange | undefined {
  const [address = '', prefix, ...rest] = text.split('/')
  const bytes = parseIpAddress(address)
  if (!bytes || rest.length > 0) return undefined
  const maxBits = bytes.length * 8
  if (prefix === undefined) return { bytes, prefixBits: maxBits }
  // The prefix length refers to the written form: the first 96 bits of an IPv4 address in IPv6
  // notation are not its own.
  const writtenBits = address.includes(':') ? 128 : 32
  const prefixBits = Number(prefix) - (writtenBits - maxBits)
  if (!/^\d{1,3}$/u.test(prefix) || prefixBits < 0 || prefixBits > maxBits) return undefined
  return { bytes, prefixBits }
}

/**
 * Whether an address is in a range. An IPv4 address in IPv6 notation (`::ffff:10.0.0.1`) counts as
 * IPv4; the interface of a link-local address (`fe80::1%eth0`) is ignored.
 */
export function isInIpRange(address: string, range: IpRange): boolean {
  const bytes = parseIpAddress(address.replace(/%.*$/u, ''))
  if (!bytes || bytes.length !== range.bytes.length) return false
  return bytes.every((byte, index) => {
    const bits = Math.max(0, Math.min(8, range.prefixBits - index * 8))
    const mask = (0xff << (8 - bits)) & 0xff
    return (byte & mask) === ((range.bytes[index] as number) & mask)
  })
}

function parseIpAddress(text: string): AddressBytes | undefined {
  if (!text.includes(':')) return parseIpv4(text)
  const bytes = parseIpv6(text)
  const isMapped = bytes?.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff))
  return isMapped ? bytes?.slice(12) : bytes
}

function parseIpv4(text: string): AddressBytes | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/u.test(part) && Number(part) <= 255))
    return undefined
  return parts.map(Number)
}

/**
 * RFC 4291, 2.2: eight groups, `::` for a run of zeros, and the last two groups optionally as IPv4.
 */
function parseIpv6(text: string): AddressBytes | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1))
  if (!head) return undefined
  if (halves.length === 1) return head.length === 16 ? head : undefined
  if (!tail || head.length + tail.length > 14) return undefined
  return [...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail]
}

function parseGroups(text: string, isEnd: boolean): AddressBytes | undefined {
  if (text === '') return []
  const groups = text.split(':')
  const bytes: number[] = []
  for (const [index, group] of groups.entries()) {
    const ipv4 = isEnd && index === groups.length - 1 && group.includes('.') ? parseIpv4(group) : undefined
    if (ipv4) bytes.push(...ipv4)
    else if (/^[\da-f]{1,4}$/iu.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff)
    else return undefined
  }
  return bytes
}
