import { describe, expect, test } from 'vitest'
import { sha256Of } from '../../lib/digest.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import type { SignedArtifactAddress } from '../app/artifact/open-artifact.ts'
import { createArtifactUrl, createArtifactUrlSigner } from './artifact-url.ts'

const ttlMs = 60_000
const clock = createManualClock(1_700_000_000_500)
const signer = createArtifactUrlSigner(Buffer.alloc(32, 1), clock, ttlMs)
const sha256 = sha256Of('bytes')

function addressIn(path: string): SignedArtifactAddress {
  const url = new URL(path, 'http://server')
  const [, , digest = '', fileName = ''] = url.pathname.split('/')
  return {
    sha256: digest,
    fileName: decodeURIComponent(fileName),
    expires: url.searchParams.get('expires') ?? '',
    signature: url.searchParams.get('signature') ?? '',
  }
}

describe('a signed artifact URL', () => {
  const signed = addressIn(signer.sign(sha256, 'demo-1.0.0.tar.gz'))

  test.each(['demo.deb', 'with space & ünicode?.tar', '%2F', 'line\nbreak', '1\n2'])(
    'keeps the file name %j unchanged',
    (fileName) => {
      const address = addressIn(signer.sign(sha256, fileName))
      expect(address).toMatchObject({ sha256, fileName })
      expect(signer.verify(address)).toBe('valid')
    },
  )

  test.each<[string, Partial<SignedArtifactAddress>]>([
    ['another digest', { sha256: sha256Of('other') }],
    ['another name', { fileName: 'other.tar.gz' }],
    ['a later end', { expires: String(Number(signed.expires) + 1) }],
    ['an expiry that is not a number', { expires: 'Infinity' }],
    ['no signature', { signature: '' }],
    ['half a signature', { signature: signed.signature.slice(0, 20) }],
    [
      'with one letter of the signature changed is rejected',
      { signature: (signed.signature[0] === 'A' ? 'B' : 'A') + signed.signature.slice(1) },
    ],
    ['parts that were moved into each other', { expires: `${signed.expires}\ndemo-1.0.0.tar.gz`, fileName: '' }],
  ])('with %s is rejected', (_, change) => {
    expect(signer.verify({ ...signed, ...change })).toBe('forged')
  })

  test('signed with another key is rejected', () => {
    expect(createArtifactUrlSigner(Buffer.alloc(32, 2), clock, ttlMs).verify(signed)).toBe('forged')
  })

  test('is valid for at least its lifetime and expires after it', async () => {
    const moving = createManualClock(1_700_000_000_500)
    const there = createArtifactUrlSigner(Buffer.alloc(32, 1), moving, ttlMs)
    await moving.advance(ttlMs)
    expect(there.verify(signed)).toBe('valid')
    await moving.advance(1_000)
    expect(there.verify(signed)).toBe('expired')
  })
})

test('an object store that signs URLs itself takes precedence', async () => {
  const own = createArtifactUrl({ presign: async () => undefined }, signer, ttlMs)
  expect(await own(sha256, 'x')).toBe(signer.sign(sha256, 'x'))
  const foreign = createArtifactUrl({ presign: async (_, name, ms) => `https://store/${name}?${ms}` }, signer, ttlMs)
  expect(await foreign(sha256, 'x')).toBe('https://store/x?60000')
})
