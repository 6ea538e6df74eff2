// The library keeps its parts in a container that needs these decorators at import.
import 'reflect-metadata'
import { randomBytes, type webcrypto as WebCrypto, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { authorityLifetimeMs, backdatedMs, certificateLifetimeMs } from '../../core/tls/certificate-plan.ts'

type CryptoKey = WebCrypto.CryptoKey

/** A CA with its private key. All texts are PEM; the key is PKCS #8. */
export interface SigningAuthority {
  readonly certificate: string
  readonly privateKey: string
}

/** A new CA. */
export interface CreatedAuthority extends SigningAuthority {
  /**
   * The same name and key, signed by the predecessor: who trusts only the predecessor can verify
   * certificates of this CA with it. Absent for the first CA.
   */
  readonly crossCertificate: string | undefined
}

/** A server certificate. */
export interface SignedCertificate {
  readonly certificate: string
  readonly privateKey: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** Creates a CA (ECDSA P-256) that is valid for ten years, and certifies it with its predecessor, if any. */
export async function createAuthority(now: number, predecessor?: SigningAuthority): Promise<CreatedAuthority> {
  const { publicKey, privateKey } = await generateKeyPair()
  const extensions = [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(publicKey),
  ]
  // Distinct names: a verifier finds the issuer by its name.
  const name = [{ CN: [`Chandler CA ${randomBytes(4).toString('hex')}`] }]
  const validity = { notBefore: new Date(now - backdatedMs), notAfter: new Date(now + authorityLifetimeMs) }
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerialNumber(),
    name,
    ...validity,
    signingAlgorithm: algorithm,
    keys: { publicKey, privateKey },
    extensions,
  })
  const crossCertificate =
    predecessor && (await sign(predecessor, { subject: certificate.subject, publicKey, extensions, ...validity }))
  return {
    certificate: certificate.toString('pem'),
    privateKey: await exportPrivateKey(privateKey),
    crossCertificate,
  }
}

/** Issues a certificate for a server, with a key of its own. `names` are host names and addresses. */
export async function issueServerCertificate(
  authority: SigningAuthority,
  names: readonly string[],
  now: number,
): Promise<SignedCertificate> {
  const { publicKey, privateKey } = await generateKeyPair()
  const expiresAt = now + certificateLifetimeMs
  const certificate = await sign(authority, {
    subject: [{ CN: ['Chandler server'] }],
    publicKey,
    notBefore: new Date(now - backdatedMs),
    notAfter: new Date(expiresAt),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return { certificate, privateKey: await exportPrivateKey(privateKey), expiresAt }
}

async function sign(
  authority: SigningAuthority,
  {
    extensions,
    ...subject
  }: {
    readonly subject: string | { readonly [name: string]: string[] }[]
    readonly publicKey: CryptoKey
    readonly notBefore: Date
    readonly notAfter: Date
    readonly extensions: readonly Extension[]
  },
): Promise<string> {
  const issuer = new X509Certificate(authority.certificate)
  const certificate = await X509CertificateGenerator.create({
    ...subject,
    serialNumber: makeSerialNumber(),
    issuer: issuer.subjectName,
    signingAlgorithm: algorithm,
    signingKey: await importPrivateKey(authority.privateKey),
    extensions: [...extensions, await AuthorityKeyIdentifierExtension.create(issuer)],
  })
  return certificate.toString('pem')
}

/** RFC 5280: positive, and at most 20 bytes. */
const makeSerialNumber = () => `01${randomBytes(15).toString('hex')}`

const generateKeyPair = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

async function exportPrivateKey(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/.{1,64}/g, '$&\n')}-----END PRIVATE KEY-----\n`
}

function importPrivateKey(pem: string): Promise<CryptoKey> {
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}
