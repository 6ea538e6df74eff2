import { expect, test } from 'vitest'
import { makePassword } from './make-password.ts'

test('a password has twenty unambiguous characters', () => {
  const password = makePassword((size) => crypto.getRandomValues(new Uint8Array(size)))
  expect(password).toMatch(/^[a-zA-Z2-9]{20}$/)
  expect(password).not.toMatch(/[loIO01]/)
})

test('bytes that would favour some characters are rejected', () => {
  let call = 0
  const password = makePassword((size) => new Uint8Array(size).fill(call++ === 0 ? 255 : 56))
  expect(password).toBe('a'.repeat(20))
  expect(call).toBe(2)
})
