import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, integer, property, string, uint8Array } from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createSecretBox, deriveKey, masterKeyBytes, readMasterKey } from './keys.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-keys-'))
})
afterEach(() => rm(folder, { recursive: true }))

const key = Buffer.alloc(masterKeyBytes, 7)

test('a sealed secret opens only with the same key and context', () => {
  const box = createSecretBox(key)
  assert(
    property(uint8Array({ maxLength: 300 }), string(), string(), (content, context, other) => {
      const sealed = box.seal(Buffer.from(content), context)
      expect(box.open(sealed, context).equals(content)).toBe(true)
      if (context !== other) expect(() => box.open(sealed, other)).toThrow(/cannot be opened/)
    }),
  )
})

test('any changed byte is detected', () => {
  const box = createSecretBox(key)
  const sealed = box.seal('a secret', 'key AK1')
  assert(
    property(integer({ min: 0, max: sealed.length - 1 }), integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ flip
      expect(() => box.open(changed, 'key AK1')).toThrow(/cannot be opened|newer Chandler/)
    }),
  )
  expect(() => box.open(sealed.subarray(0, 10), 'key AK1')).toThrow(/too short/)
})

test('another key causes a clear error that contains no secret', () => {
  const sealed = createSecretBox(key).seal('a secret', 'access key AK1')
  expect(() => createSecretBox(randomBytes(masterKeyBytes)).open(sealed, 'access key AK1')).toThrow(
    /"access key AK1" cannot be opened.*secret\.key/,
  )
})

test('sealing twice gives different bytes, and none contain the text', () => {
  const box = createSecretBox(key)
  expect(box.seal('a secret', 'x').equals(box.seal('a secret', 'x'))).toBe(false)
  expect(box.seal('a secret', 'x').includes('a secret')).toBe(false)
})

test('keys derived for different purposes differ and are reproducible', () => {
  expect(deriveKey(key, 'artifact urls')).toHaveLength(32)
  expect(deriveKey(key, 'artifact urls')).toEqual(deriveKey(key, 'artifact urls'))
  expect(deriveKey(key, 'artifact urls')).not.toEqual(deriveKey(key, 'sessions'))
})

test('the key file is created once, private, and read again', async () => {
  const made = await readMasterKey(folder)
  expect(made).toHaveLength(masterKeyBytes)
  expect((await stat(join(folder, 'secret.key'))).mode & 0o777).toBe(0o600)
  expect(await readMasterKey(folder)).toEqual(made)
})

test('a key file that others can read is refused and left unchanged', async () => {
  await readMasterKey(folder)
  await chmod(join(folder, 'secret.key'), 0o640)
  await expect(readMasterKey(folder)).rejects.toThrow(/open to other users \(mode 640\).*chmod 600/)
  expect((await stat(join(folder, 'secret.key'))).mode & 0o777).toBe(0o640)
})

test('a damaged key file is an error and is not replaced', async () => {
  await writeFile(join(folder, 'secret.key'), 'short', { mode: 0o600 })
  await expect(readMasterKey(folder)).rejects.toThrow(/damaged/)
  expect(await readFile(join(folder, 'secret.key'), 'utf8')).toBe('short')
})

test('a configured key is used, leaves no file, and must match an existing file', async () => {
  expect(await readMasterKey(folder, key)).toBe(key)
  await expect(stat(join(folder, 'secret.key'))).rejects.toMatchObject({ code: 'ENOENT' })
  await readMasterKey(folder)
  await expect(readMasterKey(folder, key)).rejects.toThrow(/CHANDLER_SECRET_KEY is not the key in/)
})
