import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashPassword, verifyPassword } from './hash-password.ts'

const low = { ln: 4, r: 8, p: 1 }

test('with the default cost a guess takes 32 MB and some 100 ms', async () => {
  const hash = await hashPassword(randomBytes, 'a password')
  expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/)
  expect(await verifyPassword(hash, 'a password')).toBe(true)
  expect(await verifyPassword(hash, 'another')).toBe(false)
})

test('the cost is stored with each hash: another cost applies to new passwords only', async () => {
  const hash = await hashPassword(randomBytes, 'a password', low)
  expect(hash).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$/)
  expect(await verifyPassword(hash, 'a password')).toBe(true)
  expect(await verifyPassword(hash, 'a password', { ln: 5, r: 8, p: 1 })).toBe(true)
  expect(await verifyPassword(hash, 'another', low)).toBe(false)
})

test.each([null, undefined, '', 'plain text'])('%j is not the hash of any password', async (kept) => {
  expect(await verifyPassword(kept, 'a password', low)).toBe(false)
})
