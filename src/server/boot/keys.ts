import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError } from '../../lib/operator-error.ts'
import { writeFileDurably } from '../../lib/write-file-durably.ts'

export const masterKeyBytes = 32

/** Parses a key of 32 bytes in base64; undefined if the text is anything else. */
export function parseMasterKey(text: string): Buffer | undefined {
  const key = Buffer.from(text.trim(), 'base64')
  // Decoding skips invalid characters: only a text that encodes back to itself is valid.
  return key.length === masterKeyBytes && key.toString('base64') === text.trim() ? key : undefined
}

/**
 * The key that seals all secrets in the database: from the configuration, else from the file
 * `secret.key` in the data directory, which the first use creates.
 *
 * A key file that others can read is refused and not repaired: it may have been read already, and
 * an operator has to decide.
 * @throws OperatorError if the file is readable by others, damaged, or differs from the configured
 * key
 */
export async function readMasterKey(dataDirectory: string, configured?: Buffer): Promise<Buffer> {
  const path = join(dataDirectory, 'secret.key')
  const kept = await readKeyFile(path)
  if (configured !== undefined) {
    if (kept !== undefined && !kept.equals(configured)) {
      throw new OperatorError(
        `CHANDLER_SECRET_KEY is not the key in ${path}. Secrets in the database are sealed with one of them: remove the other.`,
      )
    }
    return configured
  }
  return kept ?? readOrMakeKey(path)
}

async function readKeyFile(path: string): Promise<Buffer | undefined> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new OperatorError(
      `The secret key ${path} cannot be read (${code}). Run the server as the user that owns it.`,
      { cause: error },
    )
  }
  try {
    const { mode } = await file.stat()
    if ((mode & 0o077) !== 0) {
      throw new OperatorError(
        `The secret key ${path} is open to other users (mode ${(mode & 0o777).toString(8)}) and may have been read. If you trust everyone on this machine, run: chmod 600 ${path}`,
      )
    }
    const key = parseMasterKey(await file.readFile('utf8'))
    if (key === undefined)
      throw new OperatorError(
        `The secret key ${path} is damaged: it must hold ${masterKeyBytes} bytes in base64. Restore it from a backup.`,
      )
    return key
  } finally {
    await file.close()
  }
}

/**
 * Derives a key for one purpose, such as signing artifact URLs. It reveals nothing about other
 * derived keys or the master key.
 * @returns 32 bytes
 */
export const deriveKey = (masterKey: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), `chandler ${purpose}`, 32))

/** The key of the digests of parameter values, until the first `rekey` stores it in the database. */
export const deriveDigestKey = (masterKey: Buffer): Buffer => deriveKey(masterKey, 'secret digest')

/** The file of the new key while `rekey` replaces the key in the data directory. */
export const nextKeyFile = 'secret.key.next'

/**
 * Reads the new key of an unfinished replacement from a file, or creates it there.
 * @throws OperatorError if the file is readable by others or damaged
 */
export async function readOrMakeKey(path: string): Promise<Buffer> {
  const kept = await readKeyFile(path)
  if (kept !== undefined) return kept
  const made = randomBytes(masterKeyBytes)
  await writeFileDurably(path, renderKey(made))
  return made
}

/** Content of a key file. */
export const renderKey = (key: Buffer): string => `${key.toString('base64')}\n`

/**
 * Seals secrets for the database. `context` names the owner of a secret, so that a row cannot be
 * copied to another owner.
 */
export interface MasterKeySecretBox {
  seal(plaintext: string | Buffer, context: string): Buffer
  /**
   * @throws OperatorError if the key or the context differs, or the bytes were changed
   */
  open(sealed: Buffer, context: string): Buffer
}

const version = 1
const nonceBytes = 12
const tagBytes = 16
const headerBytes = 1 + nonceBytes + tagBytes

/**
 * AES-256-GCM. Format: version (1 byte), random nonce (12), tag (16), ciphertext. Version and
 * context are authenticated.
 */
export function createSecretBox(masterKey: Buffer): MasterKeySecretBox {
  const key = deriveKey(masterKey, 'secret box')
  const authenticated = (context: string) => Buffer.concat([Buffer.of(version), Buffer.from(context)])
  return {
    seal(plaintext, context) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(
        authenticated(context),
      )
      const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
      return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), ciphertext])
    },
    open(sealed, context) {
      if (sealed.length < headerBytes)
        throw new OperatorError(`The secret "${context}" in the database is damaged: it is too short.`)
      if (sealed[0] !== version)
        throw new OperatorError(
          `The secret "${context}" was sealed by a newer Chandler (format ${sealed[0]}). Run that version.`,
        )
      const nonce = sealed.subarray(1, 1 + nonceBytes)
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(
        authenticated(context),
      )
      decipher.setAuthTag(sealed.subarray(1 + nonceBytes, headerBytes))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(headerBytes)), decipher.final()])
      } catch {
        throw new OperatorError(
          `The secret "${context}" cannot be opened: it was sealed with another secret key, or was changed. Start the server with the secret.key (or CHANDLER_SECRET_KEY) that belongs to this database.`,
        )
      }
    },
  }
}
