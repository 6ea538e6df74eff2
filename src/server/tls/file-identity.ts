import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { keepChecking } from './keep-checking.ts'
import type { ServerIdentity, TlsCredentials } from './server-identity.ts'

export interface CertificateFiles {
  /** PEM: the server certificate, followed by intermediate ones. */
  readonly certFile: string
  /** PEM, not encrypted. */
  readonly keyFile: string
}

/** A few hundred bytes are read: cheaper than missing a change that a file watcher does not see. */
const checkEveryMs = 10_000
const dayMs = 86_400_000

/**
 * The certificate of a company in two files, which are read again when they change. A pair that is
 * incomplete or broken is not used: the server keeps the last good one and logs an error.
 * @param publicUrl its host must be among the names of the certificate, otherwise the server logs a warning
 * @throws OperatorError if the first pair cannot be used
 */
export async function openFileIdentity(
  files: CertificateFiles,
  publicUrl: string | undefined,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<ServerIdentity> {
  const listeners: ((credentials: TlsCredentials) => void)[] = []
  let current = await checkCertificateFiles(files, clock.now())
  let refused: string | undefined
  warnAbout(current)

  function warnAbout({ cert }: TlsCredentials): void {
    const certificate = new X509Certificate(cert)
    const expiresAt = Date.parse(certificate.validTo)
    if (expiresAt - clock.now() < 14 * dayMs)
      log.warn('the TLS certificate expires soon; replace the file, the server reads it again', {
        file: files.certFile,
        expiresAt: new Date(expiresAt).toISOString(),
      })
    const problem = publicUrl === undefined ? undefined : findUnnamedHost(cert, publicUrl)
    if (problem !== undefined) log.warn(problem)
  }

  const stop = keepChecking(clock, checkEveryMs, async () => {
    let found: TlsCredentials | undefined
    try {
      found = await readCredentials(files)
      if (found.cert === current.cert && found.key === current.key) return
      checkCredentials(found, files, clock.now())
      current = found
      refused = undefined
      log.info('the TLS certificate was replaced', { expiresAt: new X509Certificate(found.cert).validTo })
      warnAbout(found)
      for (const listener of listeners) listener(found)
    } catch (error) {
      // Once for each pair: this repeats every few seconds.
      const pair = found === undefined ? String(error) : found.cert + found.key
      if (pair === refused) return
      refused = pair
      log.error('the changed TLS certificate cannot be used; the server keeps the previous one', {
        problem: (error as Error).message,
      })
    }
  })
  return {
    get current() {
      return current
    },
    authorities: undefined,
    onChange: (listener) => void listeners.push(listener),
    close: stop,
  }
}

async function readCredentials({ certFile, keyFile }: CertificateFiles): Promise<TlsCredentials> {
  const [cert, key] = await Promise.all([readText(certFile, 'certificate'), readText(keyFile, 'private key')])
  return { cert, key }
}

const readText = (path: string, content: string) =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(`The TLS ${content} cannot be read: ${error.message}`, { cause: error })
  })

/** @throws OperatorError that names the file and the problem */
export async function checkCertificateFiles(files: CertificateFiles, now: number): Promise<TlsCredentials> {
  const credentials = await readCredentials(files)
  checkCredentials(credentials, files, now)
  return credentials
}

/** What is wrong if the certificate does not name the host of an HTTPS URL. */
export function findUnnamedHost(cert: string, publicUrl: string): string | undefined {
  const url = new URL(publicUrl)
  const certificate = new X509Certificate(cert)
  if (url.protocol !== 'https:' || isNamed(certificate, url.hostname.replace(/^\[|\]$/g, ''))) return undefined
  return `The TLS certificate is for ${certificate.subjectAltName ?? 'no host'}, not for ${url.hostname} of the public URL. Clients will refuse it.`
}

/** @throws OperatorError that names the file and the problem; never repeats a key */
function checkCredentials({ cert, key }: TlsCredentials, { certFile, keyFile }: CertificateFiles, now: number): void {
  const certificate = parse(`${certFile} is not a certificate in PEM.`, () => new X509Certificate(cert))
  const privateKey = parse(`${keyFile} is not a private key in PEM without a passphrase.`, () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey))
    throw new OperatorError(
      `The key in ${keyFile} does not belong to the first certificate in ${certFile}. The server certificate must come first, before intermediate ones.`,
    )
  if (Date.parse(certificate.validTo) <= now)
    throw new OperatorError(`The certificate in ${certFile} expired on ${certificate.validTo}.`)
  parse(`${certFile} cannot be used for TLS.`, () => createSecureContext({ cert, key }))
}

function parse<Value>(problem: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    throw new OperatorError(problem, { cause: error })
  }
}

const isNamed = (certificate: X509Certificate, host: string) =>
  (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined
