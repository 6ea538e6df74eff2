/** A failed connection, as far as its description depends on it. */
export interface ConnectionFailure {
  /** Code of the error: of Node.js, of OpenSSL or of the system. */
  readonly code?: string | undefined
  readonly message: string
  readonly url: { readonly protocol: string; readonly host: string }
  /** The clock of this machine, ISO 8601. */
  readonly clock: string
  /** What verifies the server: the CAs of the system, a file (`--ca`), or a pinned CA. */
  readonly trust: 'system' | 'file' | 'pinned'
  /** How an operator pins another CA, such as `run the join command again`. */
  readonly howToPin: string
}

const untrusted = new Set([
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Whether the certificate was refused: a retry does not help until an operator has acted. */
export const isCertificateError = (code: string | undefined): boolean =>
  code !== undefined &&
  (untrusted.has(code) || ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID'].includes(code))

/** The cause of a failed connection as a clause, and for a failure of TLS what to do. */
export function describeTlsError({ code = '', message, url, clock, trust, howToPin }: ConnectionFailure): string {
  const { host } = url
  const local = `the clock of this machine says ${clock}`
  if (untrusted.has(code)) {
    if (trust === 'pinned')
      return `the certificate of ${host} is not from the CA that is pinned for it: the server has another CA now, or something intercepts the connection. If the CA was replaced, ${howToPin}`
    if (trust === 'file') return `the certificate of ${host} is not from a CA in the file of --ca`
    return `the certificate of ${host} is not from a CA that this machine trusts. If the server has a CA of its own, use --ca-sha256; for the CA of a company, add it to the CAs of the system or use --ca FILE`
  }
  if (code === 'CERT_HAS_EXPIRED')
    return `the certificate of ${host} has expired; ${local}. Renew the certificate, or correct the clock (NTP)`
  if (code === 'CERT_NOT_YET_VALID')
    return `the certificate of ${host} is not valid yet; ${local}. Correct the clock (NTP)`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = /altnames: ([^:]*\S: .*|.*)$/.exec(message.split("cert's ").at(-1) ?? '')?.[1] ?? ''
    return `the certificate of ${host} is for other names${names === '' ? '' : ` (${names.slice(0, 300)})`}. Use one of them, or add this one to the certificate (--tls-name of the server)`
  }
  if (
    url.protocol === 'https:' &&
    /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST))$/.test(code)
  )
    return `${host} does not speak TLS there: use its HTTPS port, or http:// if it has none`
  if (url.protocol === 'http:' && (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET'))
    return `${host} closed the connection; if it speaks TLS, its address begins with https://`
  return message || code || 'the connection failed'
}
