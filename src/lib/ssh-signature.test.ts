import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseSshPublicKey, SshSignatureInvalid, verifySshSignature } from './ssh-signature.ts'

const directory = mkdtempSync(join(tmpdir(), 'chandler-sshsig-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** A key of the real ssh-keygen; its public key as text. */
function makeKey(name: string, ...options: string[]) {
  const path = join(directory, name)
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', `${name}@example`, '-f', path, ...options])
  return { path, publicKey: readFileSync(`${path}.pub`, 'utf8') }
}

const signWith = (path: string, message: string, ...options: string[]) =>
  execFileSync('ssh-keygen', ['-Y', 'sign', '-n', 'chandler-version', '-f', path, ...options], {
    input: message,
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString()

const keys = {
  ed25519: makeKey('ed25519', '-t', 'ed25519'),
  ecdsa: makeKey('ecdsa', '-t', 'ecdsa', '-b', '256'),
  rsa: makeKey('rsa', '-t', 'rsa', '-b', '2048'),
}
const message = '{"format":"chandler-version-1"}'

describe.each(Object.entries(keys))('a signature that ssh-keygen made with an %s key', (_, { path, publicKey }) => {
  const armoured = signWith(path, message)

  it('is verified, and names its key and its namespace', () => {
    const found = verifySshSignature(armoured, message)
    expect(found).toEqual({ namespace: 'chandler-version', publicKey: parseSshPublicKey(publicKey) })
    const listed = execFileSync('ssh-keygen', ['-l', '-f', `${path}.pub`]).toString()
    expect(listed).toContain(found.publicKey.fingerprint)
  })

  it('is verified with SHA-256 as the hash of the message', () => {
    expect(verifySshSignature(signWith(path, message, '-Ohashalg=sha256'), message).namespace).toBe('chandler-version')
  })

  it('is refused for a message of which any byte changed', () => {
    for (let index = 0; index < message.length; index++) {
      const bytes = Buffer.from(message)
      bytes[index]! ^= 1
      expect(() => verifySshSignature(armoured, bytes)).toThrow('it was made for other bytes')
    }
  })

  it('is refused when any byte of the signature itself changed, was cut off or was added', () => {
    const lines = armoured.trim().split('\n')
    const blob = Buffer.from(lines.slice(1, -1).join(''), 'base64')
    const armour = (bytes: Buffer) => [lines[0], bytes.toString('base64'), lines.at(-1)].join('\n')
    expect(verifySshSignature(armour(blob), message).publicKey).toBeDefined()
    for (let index = 0; index < blob.length; index++) {
      const bytes = Buffer.from(blob)
      bytes[index]! ^= 0x10
      expect(() => verifySshSignature(armour(bytes), message), `byte ${index}`).toThrow(SshSignatureInvalid)
      expect(() => verifySshSignature(armour(blob.subarray(0, index)), message)).toThrow(SshSignatureInvalid)
    }
    expect(() => verifySshSignature(armour(Buffer.concat([blob, Buffer.alloc(1)])), message)).toThrow('follows')
  })
})

/** What a hardware token makes: a signature over digests, its flags and its counter. */
function signWithToken(flags: number) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const frame = (bytes: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const text = (value: string) => frame(Buffer.from(value))
  const type = 'sk-ssh-ed25519@openssh.com'
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  const key = Buffer.concat([text(type), frame(raw), text('ssh:')])
  const head = Buffer.concat([text('chandler-version'), text(''), text('sha512')])
  const digest = frame(createHash('sha512').update(message).digest())
  const signed = Buffer.concat([Buffer.from('SSHSIG'), head, digest])
  const end = Buffer.from([flags, 0, 0, 0, 7])
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
  const made = sign(null, Buffer.concat([sha256(Buffer.from('ssh:')), end, sha256(signed)]), privateKey)
  const signature = frame(Buffer.concat([text(type), frame(made), end]))
  const blob = Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01', 'latin1'), frame(key), head, signature])
  return `-----BEGIN SSH SIGNATURE-----\n${blob.toString('base64')}\n-----END SSH SIGNATURE-----\n`
}

describe('a signature of a hardware token', () => {
  it('is verified if the token was touched', () => {
    expect(verifySshSignature(signWithToken(1), message).publicKey.type).toBe('sk-ssh-ed25519@openssh.com')
  })
  it('is refused if it was not', () => {
    expect(() => verifySshSignature(signWithToken(0), message)).toThrow(SshSignatureInvalid)
  })
})

describe('what is no signature', () => {
  it.each([
    ['text', 'hello', 'does not begin with'],
    ['no base64', '-----BEGIN SSH SIGNATURE-----\n???\n-----END SSH SIGNATURE-----', 'not in base64'],
    ['another format', '-----BEGIN SSH SIGNATURE-----\nQUJDREVGRw==\n-----END SSH SIGNATURE-----', 'not an SSH'],
    ['a megabyte', 'A'.repeat(1_048_576), 'too long'],
  ])('is refused: %s', (_, armoured, reason) => {
    expect(() => verifySshSignature(armoured, message)).toThrow(reason)
  })

  it('is refused: an RSA key that is too short', () => {
    const { path } = makeKey('short', '-t', 'rsa', '-b', '1024')
    expect(() => verifySshSignature(signWith(path, message), message)).toThrow('less than 2048 bits')
  })

  it('is refused: a key of another type', () => {
    const { path } = makeKey('p384', '-t', 'ecdsa', '-b', '384')
    expect(() => verifySshSignature(signWith(path, message), message)).toThrow('ecdsa-sha2-nistp384')
  })

  it('is refused: a public key that is called something else than it is', () => {
    const [, base64] = keys.ed25519.publicKey.split(' ')
    expect(() => parseSshPublicKey(`ssh-rsa ${base64}`)).toThrow('called "ssh-rsa" and is ssh-ed25519')
    expect(() => parseSshPublicKey('')).toThrow('not a public key')
  })
})
