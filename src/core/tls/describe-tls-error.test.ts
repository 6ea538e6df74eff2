import { expect, test } from 'vitest'
import { describeTlsError, isCertificateError } from './describe-tls-error.ts'

const failure = {
  message: 'original message',
  url: new URL('https://chandler.example:7443/base'),
  clock: '2026-11-30T00:00:00.000Z',
  trust: 'system',
  howToPin: 'run the join command again',
} as const

test.each([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'system', '--ca-sha256'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'file', 'not from a CA in the file of --ca'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'pinned', 'run the join command again'],
  ['CERT_SIGNATURE_FAILURE', 'pinned', 'intercepts'],
  ['CERT_HAS_EXPIRED', 'pinned', 'has expired; the clock of this machine says 2026-11-30T00:00:00.000Z'],
  ['CERT_NOT_YET_VALID', 'pinned', 'not valid yet; the clock of this machine says 2026-11-30T00:00:00.000Z'],
] as const)('%s with trust %s', (code, trust, part) => {
  const text = describeTlsError({ ...failure, code, trust })
  expect(text).toContain(part)
  expect(text).toContain('chandler.example:7443')
  expect(isCertificateError(code)).toBe(true)
})

test('a mismatching name is reported with the names of the certificate', () => {
  const message =
    "Hostname/IP does not match certificate's altnames: Host: chandler.example. is not in the cert's altnames: DNS:localhost, IP Address:10.0.0.1"
  const text = describeTlsError({ ...failure, code: 'ERR_TLS_CERT_ALTNAME_INVALID', message })
  expect(text).toContain('is for other names (DNS:localhost, IP Address:10.0.0.1)')
  expect(text).toContain('--tls-name')
})

test('TLS on a plain port and plain HTTP on a TLS port are recognised', () => {
  expect(describeTlsError({ ...failure, code: 'ERR_SSL_WRONG_VERSION_NUMBER' })).toContain('does not speak TLS')
  const plain = { ...failure, url: new URL('http://chandler.example') }
  expect(describeTlsError({ ...plain, code: 'ECONNRESET', message: 'socket hang up' })).toContain(
    'begins with https://',
  )
})

test('any other failure keeps its message', () => {
  expect(describeTlsError({ ...failure, code: 'ECONNREFUSED' })).toBe('original message')
  expect(isCertificateError('ECONNREFUSED')).toBe(false)
})
