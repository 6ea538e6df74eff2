const dayMs = 86_400_000

/** Validity of a CA of the server: longer than a machine is used, so that only an operator replaces it. */
export const authorityLifetimeMs = 3_650 * dayMs
/** Validity of a server certificate; renewed when a third of it is left. */
export const certificateLifetimeMs = 90 * dayMs
/** Certificates are valid from a day before they are issued: clocks of instances may be behind. */
export const backdatedMs = dayMs
/** A CA that expires within this time is reported. */
export const authorityWarningMs = 365 * dayMs

/** A server certificate as far as its renewal depends on it. */
export interface IssuedCertificate {
  /** Digest of the CA that issued it. */
  readonly authority: string
  /** Host names and addresses, sorted. */
  readonly names: readonly string[]
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Why the server needs another certificate; undefined: it keeps this one. */
export function findRenewalReason(
  certificate: IssuedCertificate | undefined,
  wanted: Pick<IssuedCertificate, 'authority' | 'names'>,
  now: number,
): string | undefined {
  if (certificate === undefined) return 'the server has none'
  if (certificate.authority !== wanted.authority) return 'the CA was rotated'
  if (certificate.expiresAt - now < certificateLifetimeMs / 3) return 'it expires soon'
  const missing = wanted.names.filter((name) => !certificate.names.includes(name))
  return missing.length > 0 ? `names were added: ${missing.join(', ')}` : undefined
}

/** What a server is reached at. */
export interface ServerNames {
  /** `--tls-name` */
  readonly configured: readonly string[]
  /** Host of the public URL. */
  readonly publicHost?: string | undefined
  /** Host of the listen address. */
  readonly listenHost: string
  readonly hostName: string
  /** Addresses of the network interfaces. */
  readonly addresses: readonly string[]
}

const isWildcard = (host: string) => host === '0.0.0.0' || host === '::' || host === ''

/** Host names and addresses for the certificate of a server, each once, sorted. */
export function listCertificateNames({
  configured,
  publicHost,
  listenHost,
  hostName,
  addresses,
}: ServerNames): string[] {
  const names = [
    ...configured,
    ...(publicHost === undefined ? [] : [publicHost]),
    'localhost',
    '127.0.0.1',
    '::1',
    ...(isWildcard(listenHost) ? [hostName, ...addresses] : [listenHost]),
  ]
  // Link-local addresses have a zone (`fe80::1%eth0`), which no certificate can hold.
  const plain = names
    .map((name) => name.toLowerCase().replace(/^\[|\]$/g, ''))
    .filter((name) => isCertificateName(name))
  return [...new Set(plain)].sort()
}

/** Whether a certificate can name this: a host name, a wildcard name, or an address. */
export const isCertificateName = (name: string): boolean =>
  /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(name) ||
  /^(?=.*:)[0-9a-f:]{2,39}$/i.test(name)
