import { describe, expect, test } from 'vitest'
import { groupOfAddress, normalizeAddress } from './address.ts'
import { createPeerReader, parseNetwork } from './read-peer.ts'

const reader = createPeerReader(['10.0.0.0/8', '192.0.2.7', 'fd00::/8'])
const read = (remoteAddress: string, forwarded?: string, protocol?: string, encrypted = false) =>
  reader.read({
    headers: {
      ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
      ...(protocol === undefined ? {} : { 'x-forwarded-proto': protocol }),
    },
    socket: { remoteAddress, encrypted },
  })

describe('the client address of a request', () => {
  test.each([
    ['nobody says it', '203.0.113.9', undefined, '203.0.113.9'],
    ['a stranger says it', '203.0.113.9', '1.2.3.4', '203.0.113.9'],
    ['a proxy says it', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['a proxy on a socket of both families says it', '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['a proxy of IPv6 says it', 'fd00::1', '2001:db8::5', '2001:db8::5'],
    ['a client has written an address before', '10.1.2.3', '1.2.3.4, 203.0.113.9', '203.0.113.9'],
    ['a client has written the address of a proxy before', '10.1.2.3', '10.9.9.9, 203.0.113.9', '203.0.113.9'],
    ['two proxies in a row', '10.1.2.3', '203.0.113.9, 192.0.2.7', '203.0.113.9'],
    ['only proxies', '10.1.2.3', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['a proxy that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
    ['a proxy that does not know it', '10.1.2.3', 'unknown', '10.1.2.3'],
    ['an inner proxy of an unknown client', '10.1.2.3', '<script>, 10.0.0.2', '10.0.0.2'],
    ['a proxy that adds the port', '10.1.2.3', '203.0.113.9:4711', '203.0.113.9'],
    ['a proxy that adds the port of IPv6', '10.1.2.3', '[2001:db8::5]:4711', '2001:db8::5'],
    ['a proxy that writes IPv4 as IPv6', '10.1.2.3', '::ffff:203.0.113.9', '203.0.113.9'],
  ])('%s', (_, connected, forwarded, address) => {
    expect(read(connected, forwarded).address).toBe(address)
  })

  test.each([
    ['its own TLS', '203.0.113.9', undefined, undefined, true, true],
    ['a stranger who says https', '203.0.113.9', undefined, 'https', false, false],
    ['a proxy that says https', '10.1.2.3', '203.0.113.9', 'https', false, true],
    ['a proxy that says http over TLS of its own', '10.1.2.3', '203.0.113.9', 'http', true, false],
    ['a proxy that says nothing', '10.1.2.3', '203.0.113.9', undefined, false, false],
    ['a client that says https to a proxy that adds http', '10.1.2.3', '203.0.113.9', 'https, http', false, false],
    [
      'the outer of two proxies, each with a word of its own',
      '10.1.2.3',
      '203.0.113.9, 10.0.0.1',
      'https, http',
      false,
      true,
    ],
    [
      'the outer of two proxies, of which the inner hands it on',
      '10.1.2.3',
      '203.0.113.9, 10.0.0.1',
      'https',
      false,
      true,
    ],
  ])('whether the request is secure: %s', (_, connected, forwarded, protocol, encrypted, isSecure) => {
    expect(read(connected, forwarded, protocol, encrypted).isSecure).toBe(isSecure)
  })

  test('a header of any length is cheap to parse', () => {
    const before = process.cpuUsage()
    expect(read('10.1.2.3', '10.0.0.1,'.repeat(25_000)).address).toBe('10.0.0.1')
    expect(read('10.1.2.3', ','.repeat(250_000)).address).toBe('10.1.2.3')
    expect(process.cpuUsage(before).user).toBeLessThan(500_000)
  })
})

test.each([['10.0.0.0/33'], ['10.0.0/8'], ['fd00::/129'], ['10.0.0.0/8/8'], ['10.0.0.0/'], ['proxy.example'], ['']])(
  'no network: %s',
  (text) => {
    expect(() => parseNetwork(text)).toThrow(/is no address or network/)
  },
)

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0db8:0000:0000:1::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1::', '1:0:0:0::/64'],
  ['::1:2:3:4:5:6', '0:0:1:2::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['pipe', 'pipe'],
])('%s is counted as %s', (address, group) => {
  expect(groupOfAddress(address)).toBe(group)
})

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[::1]', '::1'],
  ['nobody', undefined],
])('%s is %s', (text, address) => {
  expect(normalizeAddress(text)).toBe(address)
})
