import { expect, test } from 'vitest'
import { parseCaDigest } from './ca-digest.ts'

const hex = '0123456789abcdef'.repeat(4)
const pairs = (hex.toUpperCase().match(/../g) ?? []).join(':')

test.each([[hex], [hex.toUpperCase()], [pairs], [`sha256:${hex}`], [`sha256 Fingerprint=${pairs}`], [` ${hex}\n`]])(
  '%s is accepted',
  (text) => expect(parseCaDigest(text)).toBe(hex),
)

test.each([[''], [hex.slice(1)], [`${hex}0`], [`${hex.slice(1)}g`], [`md5:${hex}`], [`${hex} ${hex}`]])(
  '%s is refused',
  (text) => expect(parseCaDigest(text)).toBeUndefined(),
)
