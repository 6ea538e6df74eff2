/**
 * Reads and verifies SSH signatures (SSHSIG, OpenSSH's PROTOCOL.sshsig), as `ssh-keygen -Y sign`
 * makes them, and public keys as in `authorized_keys`. Strict: each field has the one length that
 * its algorithm allows, and nothing may follow. Only algorithms without SHA-1.
 */

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'

/** A public key in the form of `authorized_keys`, without a comment: type and base64. */
export interface SshPublicKey {
  /** Such as `ssh-ed25519 AAAA…`: equal keys are equal text. */
  readonly text: string
  readonly type: SshKeyType
  /** `SHA256:` and the digest in base64, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string
}

export interface SshSignature {
  /** What the signature was made for: a signature for one purpose is none for another. */
  readonly namespace: string
  readonly publicKey: SshPublicKey
}

export const sshKeyTypes = ['ssh-ed25519', 'sk-ssh-ed25519@openssh.com', 'ecdsa-sha2-nistp256', 'ssh-rsa'] as const
export type SshKeyType = (typeof sshKeyTypes)[number]

/** Why bytes are no signature; the message is a sentence without a full stop. */
export class SshSignatureInvalid extends Error {
  override readonly name = 'SshSignatureInvalid'
}

/** An armoured signature of an RSA key with 8192 bits has 2.9 KiB. */
const maxSshSignatureLength = 8_192
const minRsaBits = 2_048
const maxRsaBits = 8_192
const begin = '-----BEGIN SSH SIGNATURE-----'
const end = '-----END SSH SIGNATURE-----'

/**
 * Verifies a signature over the bytes.
 * @param armoured the content of a `.sig` file
 * @throws SshSignatureInvalid if it is malformed, of another algorithm, or not of these bytes
 */
export function verifySshSignature(armoured: string, message: Uint8Array | string): SshSignature {
  const blob = new Reader(decodeArmour(armoured), 'the signature')
  if (blob.bytes(6).toString('latin1') !== 'SSHSIG') throw new SshSignatureInvalid('it is not an SSH signature')
  if (blob.uint32() !== 1) throw new SshSignatureInvalid('it has another version than 1')
  const key = readKey(blob.string())
  const namespace = blob.text()
  if (namespace === '') throw new SshSignatureInvalid('it has no namespace')
  const reserved = blob.string()
  const hash = blob.text()
  if (hash !== 'sha512' && hash !== 'sha256') throw new SshSignatureInvalid(`it uses the hash ${printable(hash)}`)
  const signature = blob.string()
  blob.finish()
  const signed = Buffer.concat([
    Buffer.from('SSHSIG'),
    frame(Buffer.from(namespace)),
    frame(reserved),
    frame(Buffer.from(hash)),
    frame(createHash(hash).update(message).digest()),
  ])
  if (!key.verifies(new Reader(signature, 'the signature'), signed))
    throw new SshSignatureInvalid('it was made for other bytes, or with another key')
  return { namespace, publicKey: key.publicKey }
}

/**
 * A line as in `authorized_keys` without options, or the content of a `.pub` file.
 * @throws SshSignatureInvalid
 */
export function parseSshPublicKey(line: string): SshPublicKey {
  const [type = '', base64 = ''] = line.trim().split(/[ \t]+/)
  if (line.length > maxSshSignatureLength || !isBase64(base64))
    throw new SshSignatureInvalid('it is not a public key in the form of OpenSSH')
  const { publicKey } = readKey(Buffer.from(base64, 'base64'))
  if (publicKey.type !== type) throw new SshSignatureInvalid(`it is called ${printable(type)} and is ${publicKey.type}`)
  return publicKey
}

const isBase64 = (text: string) =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) && text !== ''

function decodeArmour(armoured: string): Buffer {
  const text = armoured.replaceAll('\r\n', '\n').trim()
  if (armoured.length > maxSshSignatureLength) throw new SshSignatureInvalid('it is too long for a signature')
  if (!text.startsWith(`${begin}\n`) || !text.endsWith(`\n${end}`))
    throw new SshSignatureInvalid(`it does not begin with ${begin} or does not end with ${end}`)
  const base64 = text.slice(begin.length, -end.length).replaceAll('\n', '')
  if (!isBase64(base64)) throw new SshSignatureInvalid('it is not in base64')
  return Buffer.from(base64, 'base64')
}

interface Key {
  readonly publicKey: SshPublicKey
  /** Reads the signature to its end. */
  verifies(signature: Reader, signed: Buffer): boolean
}

function readKey(blob: Buffer): Key {
  const reader = new Reader(blob, 'the public key')
  const type = reader.text()
  if (!isKeyType(type))
    throw new SshSignatureInvalid(`its key has the type ${printable(type)}; use one of ${sshKeyTypes.join(', ')}`)
  const verifies = readers[type](reader)
  reader.finish()
  return {
    publicKey: {
      type,
      text: `${type} ${blob.toString('base64')}`,
      fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
    },
    verifies,
  }
}

const isKeyType = (type: string): type is SshKeyType => (sshKeyTypes as readonly string[]).includes(type)

const readers: Record<SshKeyType, (key: Reader) => Key['verifies']> = {
  'ssh-ed25519': (key) => {
    const object = ed25519Key(key.string())
    return (signature, signed) => {
      signature.expect('ssh-ed25519')
      const bytes = signature.string()
      signature.finish()
      return bytes.length === 64 && verify(null, signed, object, bytes)
    }
  },
  // The token signs digests with its flags and its counter.
  'sk-ssh-ed25519@openssh.com': (key) => {
    const object = ed25519Key(key.string())
    const application = key.string()
    return (signature, signed) => {
      signature.expect('sk-ssh-ed25519@openssh.com')
      const bytes = signature.string()
      const flags = signature.bytes(1)
      const counter = signature.bytes(4)
      signature.finish()
      const wasTouched = ((flags[0] ?? 0) & 1) === 1
      const data = Buffer.concat([sha256(application), flags, counter, sha256(signed)])
      return wasTouched && bytes.length === 64 && verify(null, data, object, bytes)
    }
  },
  'ecdsa-sha2-nistp256': (key) => {
    key.expect('nistp256')
    const point = key.string()
    if (point.length !== 65 || point[0] !== 4) throw new SshSignatureInvalid('its key is no point of nistp256')
    const object = makeKey({ kty: 'EC', crv: 'P-256', x: url(point.subarray(1, 33)), y: url(point.subarray(33)) })
    return (signature, signed) => {
      signature.expect('ecdsa-sha2-nistp256')
      const pair = new Reader(signature.string(), 'the signature')
      signature.finish()
      const [r, s] = [pair.positive(32), pair.positive(32)]
      pair.finish()
      const bytes = Buffer.concat([r, s].map((number) => Buffer.concat([Buffer.alloc(32 - number.length), number])))
      return verify('sha256', signed, { key: object, dsaEncoding: 'ieee-p1363' }, bytes)
    }
  },
  'ssh-rsa': (key) => {
    const [e, n] = [key.positive(8), key.positive(maxRsaBits / 8)]
    if (n.length * 8 < minRsaBits) throw new SshSignatureInvalid(`its RSA key has less than ${minRsaBits} bits`)
    const object = makeKey({ kty: 'RSA', e: url(e), n: url(n) })
    return (signature, signed) => {
      const algorithm = signature.text()
      const hash = { 'rsa-sha2-512': 'sha512', 'rsa-sha2-256': 'sha256' }[algorithm]
      const bytes = signature.string()
      signature.finish()
      if (hash === undefined) throw new SshSignatureInvalid(`it uses the algorithm ${printable(algorithm)}`)
      return verify(hash, signed, object, bytes)
    }
  },
}

function ed25519Key(bytes: Buffer): KeyObject {
  if (bytes.length !== 32) throw new SshSignatureInvalid('its key does not have 32 bytes')
  return makeKey({ kty: 'OKP', crv: 'Ed25519', x: url(bytes) })
}

function makeKey(jwk: Readonly<Record<string, string>>): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch (error) {
    throw new SshSignatureInvalid('its key is not valid', { cause: error })
  }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
const url = (bytes: Buffer) => bytes.toString('base64url')
const printable = (text: string) => JSON.stringify(text.slice(0, 64))

function frame(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Reads the fields of RFC 4251, section 5, and never beyond the end. */
class Reader {
  readonly #bytes: Buffer
  readonly #title: string
  #offset = 0

  constructor(bytes: Buffer, title: string) {
    this.#bytes = bytes
    this.#title = title
  }

  bytes(length: number): Buffer {
    if (length > this.#bytes.length - this.#offset) throw new SshSignatureInvalid(`${this.#title} is cut off`)
    this.#offset += length
    return this.#bytes.subarray(this.#offset - length, this.#offset)
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE()
  }

  string(): Buffer {
    return this.bytes(this.uint32())
  }

  text(): string {
    return this.string().toString('latin1')
  }

  expect(text: string): void {
    const found = this.text()
    if (found !== text) throw new SshSignatureInvalid(`${this.#title} says ${printable(found)} instead of ${text}`)
  }

  /** A positive number in its shortest form, without its sign byte. */
  positive(maxBytes: number): Buffer {
    const number = this.string()
    const [first = 0, second = 0] = number
    const isShortest = number.length > 0 && (first !== 0 || second >= 0x80)
    const bytes = first === 0 ? number.subarray(1) : number
    if (!isShortest || first >= 0x80 || bytes.length > maxBytes)
      throw new SshSignatureInvalid(`a number of ${this.#title} is out of range`)
    return bytes
  }

  finish(): void {
    if (this.#offset !== this.#bytes.length) throw new SshSignatureInvalid(`something follows ${this.#title}`)
  }
}
