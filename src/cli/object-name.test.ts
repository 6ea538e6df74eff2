import { expect, test } from 'vitest'
import { parseObjectName } from './object-name.ts'

test.each([
  ['my-ext/demo.rpm', { bucket: 'my-ext', key: 'demo.rpm' }],
  ['my-ext/a/b c/demo.rpm', { bucket: 'my-ext', key: 'a/b c/demo.rpm' }],
  ['my-ext/', { bucket: 'my-ext', key: 'local.rpm' }],
  ['my-ext/a/', { bucket: 'my-ext', key: 'a/local.rpm' }],
])('%s', (text, name) => {
  expect(parseObjectName(text, 'local.rpm')).toEqual(name)
})

test.each([
  ['my-ext', 'the slash is missing'],
  ['../demo.rpm', 'the bucket name must consist'],
  ['/demo.rpm', 'the bucket name must consist'],
  ['my-ext/', 'the key is empty'],
  ['my-ext/..', 'the key holds . or ..'],
  ['my-ext/a/../b', 'the key holds . or ..'],
  ['my-ext//a', 'the key begins with a slash'],
  ['my-ext/a\nb', 'the key holds a control character'],
])('%j is refused: %s', (text, reason) => {
  expect(() => parseObjectName(text)).toThrow(reason)
})
