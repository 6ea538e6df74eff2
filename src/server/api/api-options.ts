import type { RequestListener, Server } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { GroupRole, SsoIdentity } from '../../core/access/single-sign-on.ts'
import type { ChandlerError } from '../../core/error/errors.ts'
import type { PeerReader } from '../../lib/peer/read-peer.ts'
import type { Tracer } from '../../lib/tracer.ts'
import type { Authenticator } from '../app/access/authenticate.ts'
import type { FailedSignIns } from '../app/access/failed-sign-ins.ts'

/** The settings and services of the HTTP API. */
export interface ApiOptions {
  /** The program's version, as shown to users. */
  readonly version: string
  /**
   * The URL under which agents and browsers reach this server; absent: derived from each request.
   */
  readonly publicUrl?: string | undefined
  /** The text of install.sh from the project. */
  readonly installScript: string
  /** The text of install.ps1; absent: the server has no route for it. */
  readonly windowsInstallScript?: string
  /** Determines the client's address; absent: the peer of the connection. */
  readonly peers?: PeerReader
  /** TLS at this server; absent: plain HTTP. */
  readonly tls?: ApiTls | undefined
  /** Requests wait until this resolves; absent: they are served immediately. */
  readonly opened?: Promise<void>
  /** Called after each response. */
  /** Absent: no traces. */
  readonly tracer?: Tracer | undefined
  readonly onRequestEnd?: (request: MeasuredRequest) => void
  /** Renders the metrics of this server; absent: there is no `/metrics`. */
  readonly metrics?: MetricsView | undefined
  /** Sign-in through an identity provider; absent: only with name and password. */
  readonly sso?: SingleSignOn | undefined
  /** Further APIs at the same address. */
  readonly surfaces?: readonly ApiSurface[]
}

/** An answered request. Every text is from a small, fixed set. */
export interface MeasuredRequest {
  readonly method: string
  /** The pattern of the route, such as `/api/v1/instances/:id`, or an operation such as `oos:ListExecutions`. */
  readonly route: string
  readonly status: number
  readonly seconds: number
  /** Whether the response stays open as long as the client wants. */
  readonly isStream: boolean
}

/** A sign-in on another device, as the provider began it (RFC 8628). */
export interface DeviceAuthorisation {
  readonly deviceCode: string
  readonly userCode: string
  readonly verificationUri: string
  /** Contains the code. */
  readonly verificationUriComplete: string | undefined
  readonly lifetimeMs: number
  readonly intervalMs: number
}

/** The identity provider of the organisation. */
export interface SingleSignOn {
  /** As users know it. */
  readonly name: string
  readonly groupRoles: readonly GroupRole[]
  /** The longest time until a user has to sign in again. */
  readonly sessionMs: number
  /**
   * The address of the provider's sign-in page, and what the browser keeps until it comes back.
   * @throws SsoUnreachable
   */
  begin(redirectUri: string): Promise<{ readonly url: string; readonly kept: string }>
  /** @throws SsoRefused, SsoUnreachable */
  finish(callbackUrl: string, kept: string): Promise<SsoIdentity>
  /**
   * Begins a sign-in that the user finishes on a page of the provider, on any device.
   * @throws SsoNoDeviceFlow, SsoUnreachable, SsoRefused
   */
  beginDevice(): Promise<DeviceAuthorisation>
  /** @throws SsoRefused (also after it expired), SsoUnreachable */
  pollDevice(deviceCode: string): Promise<SsoIdentity | 'pending' | 'slowDown'>
  /** Where a user ends the session at the provider; undefined: the provider does not offer it. */
  signOutUrl(returnTo: string): Promise<string | undefined>
}

/** Metrics as text, in the format of `contentType`. */
export interface MetricsView {
  render(): Promise<string>
  readonly contentType: string
}

/** TLS as far as the API depends on it. */
export interface ApiTls {
  createServer(handler: RequestListener): Server
  /** The server's own CAs; `authorities` is undefined with the certificate of a company. */
  readonly identity: { readonly authorities: ApiAuthorities | undefined }
  /** Lifetime of HSTS; undefined: none. */
  readonly hstsMs: number | undefined
}

/** Certificates are PEM, the current CA is the first trusted one. */
export interface ApiAuthorities {
  /** SHA-256 of the current CA, 64 hexadecimal digits. */
  readonly digest: string
  readonly trusted: readonly string[]
  readonly crossCertificates: readonly string[]
}

/**
 * Registers an API of another protocol beside this one; both share authentication and error
 * handling.
 */
export type ApiSurface = (api: FastifyInstance, parts: ApiSurfaceParts) => Promise<void>

/** The services that an API surface shares with the native API. */
export interface ApiSurfaceParts {
  readonly authenticator: Authenticator
  readonly failed: FailedSignIns
  /** Converts any error to a catalogue error, and logs it if an operator has to look at it. */
  readonly explainError: (error: unknown, request: FastifyRequest) => ChandlerError
  /** Marks the request's connection as authenticated. */
  readonly proven: (request: FastifyRequest) => void
}
