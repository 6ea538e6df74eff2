import { expect, test } from 'vitest'
import { artifactBucket, artifactObjectOf, fileNameOf, parseArtifactKey, validateObjectKey } from './artifact-object.ts'

const sha256 = 'ab'.repeat(32)

test('an artifact without an object belongs to the built-in bucket, and its key identifies it', () => {
  const { bucket, key } = artifactObjectOf({ sha256, fileName: 'demo 1.0.rpm' })
  expect(bucket).toBe(artifactBucket)
  expect(parseArtifactKey(key)).toEqual({ sha256, fileName: 'demo 1.0.rpm' })
  const object = { bucket: 'my-ext', key: 'demo/demo.rpm' }
  expect(artifactObjectOf({ sha256, fileName: 'demo.rpm', object })).toBe(object)
})

test.each([
  ['demo', undefined],
  [`${sha256}/a/b`, undefined],
  [`${sha256}/`, undefined],
  [`${sha256.toUpperCase()}/a`, undefined],
])('%s is not a key of the built-in bucket', (key, expected) => expect(parseArtifactKey(key)).toBe(expected))

test.each([
  ['demo/demo-1.0.rpm', undefined],
  ['包/demo.rpm', undefined],
  ['a'.repeat(1_023), undefined],
  ['', 'is empty'],
  ['/demo', 'begins with a slash'],
  ['\\demo', 'begins with a slash'],
  ['a'.repeat(1_024), 'is longer than 1023 bytes'],
  ['包'.repeat(342), 'is longer than 1023 bytes'],
  ['a\nb', 'holds a control character'],
  ['a\ud800', 'holds half a character'],
  ['a/../b', 'holds . or ..'],
])('the key %j: %s', (key, reason) => {
  if (reason === undefined) expect(validateObjectKey(key)).toBeUndefined()
  else expect(validateObjectKey(key)).toContain(reason)
})

test('a file is named after the last part of its key', () => {
  expect(fileNameOf('a/b/c.rpm')).toBe('c.rpm')
  expect(fileNameOf('c.rpm')).toBe('c.rpm')
})
