import { expect, test } from 'vitest'
import { certificateLifetimeMs, findRenewalReason, listCertificateNames } from './certificate-plan.ts'

const wanted = { authority: 'ca-1', names: ['localhost', 'web'] }
const certificate = { ...wanted, expiresAt: certificateLifetimeMs }

test('a certificate is kept until a third of its lifetime is left', () => {
  const third = certificateLifetimeMs / 3
  expect(findRenewalReason(certificate, wanted, certificateLifetimeMs - third)).toBeUndefined()
  expect(findRenewalReason(certificate, wanted, certificateLifetimeMs - third + 1)).toBe('it expires soon')
})

test('another CA and further names require another certificate; a name that is gone does not', () => {
  expect(findRenewalReason(undefined, wanted, 0)).toBe('the server has none')
  expect(findRenewalReason(certificate, { ...wanted, authority: 'ca-2' }, 0)).toBe('the CA was rotated')
  expect(findRenewalReason(certificate, { ...wanted, names: ['10.0.0.1', 'localhost'] }, 0)).toBe(
    'names were added: 10.0.0.1',
  )
  expect(findRenewalReason(certificate, { ...wanted, names: ['web'] }, 0)).toBeUndefined()
})

const names = {
  configured: [],
  hostName: 'Web-1',
  addresses: ['10.0.0.1', 'fe80::1%eth0', 'fd00::1'],
  listenHost: '10.0.0.9',
}

test('a server on one address is named by it, a server on all addresses by host name and all of them', () => {
  expect(listCertificateNames(names)).toEqual(['10.0.0.9', '127.0.0.1', '::1', 'localhost'])
  const everywhere = ['10.0.0.1', '127.0.0.1', '::1', 'fd00::1', 'localhost', 'web-1']
  expect(listCertificateNames({ ...names, listenHost: '0.0.0.0' })).toEqual(everywhere)
  expect(listCertificateNames({ ...names, listenHost: '::' })).toEqual(everywhere)
})

test('configured names and the public host come on top, each once', () => {
  expect(
    listCertificateNames({ ...names, configured: ['*.Chandler.example', 'localhost'], publicHost: '[fd00::2]' }),
  ).toEqual(['*.chandler.example', '10.0.0.9', '127.0.0.1', '::1', 'fd00::2', 'localhost'])
})
