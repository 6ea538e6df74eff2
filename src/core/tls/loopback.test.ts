import { expect, test } from 'vitest'
import { isExposed, isLoopbackHost } from './loopback.ts'

test.each(['127.0.0.1', '127.9.0.3', '::1', '[::1]', 'localhost', 'LOCALHOST', 'a.localhost'])(
  '%s is loopback',
  (host) => expect(isLoopbackHost(host)).toBe(true),
)

test.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'localhost.example', 'notlocalhost', '1.127.0.0.1'])(
  '%s is not loopback',
  (host) => expect(isLoopbackHost(host)).toBe(false),
)

test('only plain HTTP beyond loopback is exposed', () => {
  const urls = [
    'http://10.0.0.1',
    'http://chandler.example:7443',
    'http://localhost:1',
    'http://[::1]',
    'https://10.0.0.1',
  ]
  expect(urls.map((url) => isExposed(new URL(url)))).toEqual([true, true, false, false, false])
})
