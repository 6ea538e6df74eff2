import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isInIpRange, parseIpRange } from './ip-range.ts'

/** The same check by Node.js. */
function isInByNode(address: string, network: string, prefixBits: number): boolean {
  const list = new BlockList()
  list.addSubnet(network, prefixBits, isIP(network) === 6 ? 'ipv6' : 'ipv4')
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

const isIn = (address: string, range: string) => {
  const parsed = parseIpRange(range)
  if (!parsed) throw new Error(`${range} is not a range`)
  return isInIpRange(address, parsed)
}

/** Few byte values, so that addresses are close to each other. */
const near = fc.constantFrom(0, 1, 127, 128, 254, 255)
const ipv4 = fc.tuple(near, near, near, near).map((bytes) => bytes.join('.'))
const group = fc.constantFrom('0', '1', '7fff', '8000', 'FFFF', '00ff')
// None begins with zeros: an embedded IPv4 address counts as IPv4 here, and as neither family in
// Node.js.
const ipv6 = fc
  .tuple(fc.constantFrom('2001', 'fe80', '1'), fc.array(group, { minLength: 7, maxLength: 7 }), fc.nat(6), fc.nat(6))
  .map(([first, others, from, length]) => {
    // `::` replaces some groups, or none.
    const groups = [first, ...others]
    if (length === 0) return groups.join(':')
    return `${groups.slice(0, from + 1).join(':')}::${groups.slice(from + 1 + length).join(':')}`
  })

describe('agrees with Node.js', () => {
  test('for IPv4', () => {
    fc.assert(
      fc.property(ipv4, ipv4, fc.nat(32), (address, network, prefixBits) => {
        expect(isIn(address, `${network}/${prefixBits}`)).toBe(isInByNode(address, network, prefixBits))
      }),
      { numRuns: 1_000 },
    )
  })

  test('for IPv6', () => {
    fc.assert(
      fc.property(ipv6, ipv6, fc.nat(128), (address, network, prefixBits) => {
        expect([isIP(address), isIP(network)]).toEqual([6, 6])
        expect(isIn(address, `${network}/${prefixBits}`)).toBe(isInByNode(address, network, prefixBits))
      }),
      { numRuns: 1_000 },
    )
  })

  test('for text that is not an address', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'0129af:.'), maxLength: 12 })
    fc.assert(
      fc.property(letters, (text) => {
        expect(parseIpRange(text) !== undefined).toBe(isIP(text) !== 0)
      }),
      { numRuns: 5_000 },
    )
  })
})

test.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  // The bits after the prefix are ignored.
  ['10.1.2.3', '10.99.99.99/8', true],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.4', '10.1.2.3', false],
  ['10.1.2.3', '10.1.2.3/32', true],
  ['255.255.255.255', '0.0.0.0/0', true],
  ['10.1.2.127', '10.1.2.0/25', true],
  ['10.1.2.128', '10.1.2.0/25', false],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['::1', '::/0', true],
  // An IPv4 address in IPv6 notation counts as IPv4.
  ['::ffff:10.1.2.3', '10.0.0.0/8', true],
  ['::ffff:a01:203', '10.0.0.0/8', true],
  ['10.1.2.3', '::ffff:10.0.0.0/104', true],
  ['11.1.2.3', '::ffff:10.0.0.0/104', false],
  ['10.1.2.3', '::ffff:10.1.2.3', true],
  // The families are separate: no range of one contains an address of the other.
  ['10.1.2.3', '::/0', false],
  ['::1', '0.0.0.0/0', false],
  // Node.js appends the interface to link-local addresses.
  ['fe80::1%eth0', 'fe80::/10', true],
  ['fec0::1%eth0', 'fe80::/10', false],
  // Text that is not an address is in no range.
  ['', '0.0.0.0/0', false],
  ['somewhere', '0.0.0.0/0', false],
  ['10.1.2', '10.0.0.0/8', false],
])('%s in %s: %s', (address, range, expected) => {
  expect(isIn(address, range)).toBe(expected)
})

test.each([
  '',
  '/8',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8.0',
  '10.0.0.0/8/8',
  '10.0.0.0/ 8',
  '10.0.0.0/255.0.0.0',
  '10.0.0/8',
  '10.0.0.256',
  '010.0.0.1',
  ' 10.0.0.1',
  '2001:db8::/129',
  '2001:db8:::/32',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  '1.2.3.4::',
  '::1.2.3.4:1',
  // Part of the embedding: neither a range of IPv4 nor one that contains any IPv6 address.
  '::ffff:10.0.0.0/8',
  'fe80::1%eth0',
])('"%s" is not a range', (text) => {
  expect(parseIpRange(text)).toBeUndefined()
})
