/** What a TLS server presents; PEM. */
export interface TlsCredentials {
  readonly key: string
  /** The server certificate and the intermediate ones. */
  readonly cert: string
}

/** The server's own CAs as clients see them; certificates are PEM. */
export interface PublishedAuthorities {
  /** SHA-256 of the current CA, 64 hexadecimal digits. */
  readonly digest: string
  /** What clients trust: the current CA first, and its predecessor while they overlap. */
  readonly trusted: readonly string[]
  /** CAs that are certified by their predecessors. */
  readonly crossCertificates: readonly string[]
}

/** The certificate of this server, and how clients verify it. */
export interface ServerIdentity {
  readonly current: TlsCredentials
  /** Undefined if the certificate is a company's: clients have its CA from elsewhere. */
  readonly authorities: PublishedAuthorities | undefined
  /** Called with every renewed certificate. */
  onChange(listener: (credentials: TlsCredentials) => void): void
  close(): Promise<void>
}
