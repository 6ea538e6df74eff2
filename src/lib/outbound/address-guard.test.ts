import { expect, test } from 'vitest'
import { createAddressGuard } from './address-guard.ts'

const guard = createAddressGuard([])

test.each([
  '127.0.0.1',
  '127.8.8.8',
  '0.0.0.0',
  '169.254.169.254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'fd00:ec2::254',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
])('%s is refused', (address) => expect(guard.allows('name.example', address)).toBe(false))

test.each([
  '10.0.0.1',
  '192.168.1.1',
  '172.16.0.1',
  '93.184.216.34',
  'fd00::1',
  '2606:2800:220:1::1',
  '::ffff:10.0.0.1',
])('%s is allowed', (address) => expect(guard.allows('name.example', address)).toBe(true))

test('the setting allows names, addresses and networks', () => {
  const allowing = createAddressGuard(['127.0.0.1', 'fe80::/10', 'Prometheus.local', '169.254.1.0/24'])
  expect(allowing.allows('a', '127.0.0.1')).toBe(true)
  expect(allowing.allows('a', '::ffff:127.0.0.1')).toBe(true)
  expect(allowing.allows('a', '127.0.0.2')).toBe(false)
  expect(allowing.allows('a', 'fe80::5')).toBe(true)
  expect(allowing.allows('prometheus.local', '127.0.0.9')).toBe(true)
  expect(allowing.allows('a', '169.254.1.7')).toBe(true)
  expect(allowing.allows('a', '169.254.169.254')).toBe(false)
})
