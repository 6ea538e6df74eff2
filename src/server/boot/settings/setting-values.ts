import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { GroupRole } from '../../../core/access/single-sign-on.ts'
import { minRetentionMs } from '../../../core/execution/retention.ts'
import { maxPasswordLength, maxSessionMs, minPasswordLength } from '../../../core/limits.ts'
import { isCertificateName } from '../../../core/tls/certificate-plan.ts'
import { parseDuration } from '../../../lib/duration.ts'
import { type LogLevel, logLevels } from '../../../lib/logger.ts'
import { parseNetwork } from '../../../lib/peer/read-peer.ts'
import { parseMasterKey } from '../keys.ts'

// The parsers of single settings. Each throws an Error whose message completes "NAME: …" and never
// repeats a secret.

/** The host and port to listen on. */
export interface ListenAddress {
  host: string
  port: number
}

export const defaultListen: ListenAddress = { host: '127.0.0.1', port: 7443 }
const maxArtifactUrlTtlMs = 7 * 86_400_000
/** The work engine holds a connection, and requests and agents must not wait for each other. */
const minPoolSize = 4
/** More only add memory and locks: PostgreSQL works on as many statements as it has cores. */
const maxPoolSize = 200
/** Longer, and nobody would learn of a drift in time. */
const maxDriftCheckMs = 7 * 86_400_000
const maxHstsMs = 730 * 86_400_000

/**
 * `HOST:PORT`, `[::1]:PORT`, or `:PORT` on the default host 127.0.0.1, so that the server is not
 * exposed to the network by default.
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:[\]/]*)):(\d{1,5})$/.exec(text) ?? []
  if (digits === undefined)
    throw new Error(`"${text}" is not HOST:PORT. Examples: 127.0.0.1:7443, 0.0.0.0:7443, [::1]:0, :8080.`)
  const port = Number(digits)
  if (port > 65_535) throw new Error(`port ${digits} is above 65535.`)
  return { host: bracketed ?? (plain || defaultListen.host), port }
}

export function parsePath(text: string): string {
  if (text.trim() === '' || text.includes('\0')) throw new Error('is not a directory name.')
  return resolve(text)
}

export function parseFile(text: string): string {
  if (text.trim() === '' || text.includes('\0')) throw new Error('is not a file name.')
  return resolve(text)
}

export function parseFlag(text: string): boolean {
  if (['1', 'true', 'yes', 'on'].includes(text.toLowerCase())) return true
  if (['0', 'false', 'no', 'off'].includes(text.toLowerCase())) return false
  throw new Error(`"${text}" is not true or false.`)
}

export function parseTlsNames(text: string): string[] {
  const names = text.split(/[\s,]+/).filter(Boolean)
  const wrong = names.find((name) => !isCertificateName(name))
  if (wrong !== undefined)
    throw new Error(
      `"${wrong}" is not a host name or address. Examples: chandler.example, *.chandler.example, 10.0.0.5, fd00::5.`,
    )
  return names
}

/** Host names that a CA can validate over HTTP: no addresses, no wildcards. */
export function parseAcmeNames(text: string): string[] {
  const names = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
  const wrong = names.find((name) => !isCertificateName(name) || isIP(name) !== 0 || name.startsWith('*'))
  if (wrong !== undefined)
    throw new Error(`"${wrong}" is not a host name. ACME needs names without wildcards, such as chandler.example.`)
  return [...new Set(names)]
}

export function parseEmail(text: string): string {
  if (!/^[^\s@,<>"]{1,64}@[^\s@,<>"]{1,190}$/.test(text)) throw new Error('is not an email address.')
  return text
}

export const parseAcmeDirectory = (text: string): string =>
  parseUrl(text, ['https:'], 'https://acme-v02.api.letsencrypt.org/directory').href

/** @returns `ms` undefined for `off` */
export function parseHsts(text: string): { readonly ms: number | undefined } {
  // YAML reads a plain `off` as false.
  if (['off', 'false'].includes(text)) return { ms: undefined }
  const ms = parseDuration(text)
  if (ms === undefined || ms < 60_000 || ms > maxHstsMs)
    throw new Error(`"${text}" is not "off" or a time from 1m to 730d, such as 1d.`)
  return { ms }
}

/** A directory, or a bucket with a folder for all keys. */
export type ObjectsPlace = { readonly directory: string } | { readonly bucket: string; readonly prefix: string }

export function parseObjects(text: string): ObjectsPlace {
  if (text.startsWith('s3://')) {
    const [, bucket = '', prefix = ''] =
      /^s3:\/\/([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]*))?$/.exec(text) ?? []
    const folder = prefix.replace(/\/+$/, '')
    if (bucket === '' || folder.startsWith('/') || folder.includes('//') || folder.length > 512)
      throw new Error(`"${text}" is not s3://BUCKET or s3://BUCKET/PREFIX.`)
    return { bucket, prefix: folder }
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) throw new Error('must be a directory or s3://BUCKET/PREFIX.')
  return { directory: parsePath(text) }
}

export function parseS3Endpoint(text: string): string {
  const url = parseUrl(text, ['http:', 'https:'], 'https://oss-cn-hangzhou.aliyuncs.com')
  if (url.username !== '' || url.search !== '' || url.hash !== '')
    throw new Error('must have no user, query or fragment.')
  return url.href.replace(/\/+$/, '')
}

export function parseS3Region(text: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(text)) throw new Error(`"${text}" is not 1 to 64 letters, digits and hyphens.`)
  return text
}

export function parseBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error(`"${text}" is not true or false.`)
  return text === 'true'
}

export function parseDatabaseUrl(text: string): string {
  const url = parseUrl(text, ['postgres:', 'postgresql:'], 'postgres://USER:PASSWORD@HOST:5432/DATABASE')
  if (url.pathname.length < 2)
    throw new Error('is not a database URL. Expected postgres://USER:PASSWORD@HOST:5432/DATABASE.')
  return text
}

export function parseUserName(text: string): string {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(text))
    throw new Error(`"${text}" is not a valid system user name (up to 32 of a-z, 0-9, "_" and "-").`)
  return text
}

export function parsePublicUrl(text: string): string {
  const url = parseUrl(text, ['http:', 'https:'], 'https://chandler.example:7443')
  if (url.username !== '' || url.search !== '' || url.hash !== '')
    throw new Error('must have no user, query or fragment.')
  return url.href.replace(/\/+$/, '')
}

function parseUrl(text: string, protocols: readonly string[], example: string): URL {
  // The text is not repeated: it may contain a password.
  if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol))
    throw new Error(`is not a URL of the form ${example}.`)
  return new URL(text)
}

export function parseSecretKey(text: string): Buffer {
  const key = parseMasterKey(text)
  if (key === undefined) throw new Error('is not 32 bytes in base64. Generate one with: openssl rand -base64 32')
  return key
}

export function parseAccessKeyId(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{2,127}$/.test(text))
    throw new Error(`"${text}" is not 3 to 128 letters, digits, ".", "_" or "-", starting with a letter or digit.`)
  return text
}

export function parseAccessKeySecret(text: string): string {
  if (!/^[\x21-\x7e]{8,128}$/.test(text)) throw new Error('is not 8 to 128 printable ASCII characters without spaces.')
  return text
}

export function parsePassword(text: string): string {
  if (text.length < minPasswordLength || text.length > maxPasswordLength)
    throw new Error(`is not ${minPasswordLength} to ${maxPasswordLength} characters.`)
  return text
}

export function parseRegion(text: string): string {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text))
    throw new Error(`"${text}" is not 1 to 63 lower-case letters, digits and hyphens.`)
  return text
}

/** An Alibaba Cloud account has 16 digits. */
export function parseAccountId(text: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(text)) throw new Error(`"${text}" is not 1 to 64 letters, digits and hyphens.`)
  return text
}

export function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((known) => known === text)
  if (level === undefined) throw new Error(`"${text}" is not one of ${logLevels.join(', ')}.`)
  return level
}

export const parseTrustedProxies = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseNetwork)

/** Host names, and addresses and networks as for proxies. */
export const parseOutboundAllow = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry) => (/^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(entry) && /[a-z]/i.test(entry) ? entry : parseNetwork(entry)))
export function parseSmtpUrl(text: string): string {
  const url = parseUrl(text, ['smtp:', 'smtps:'], 'smtps://USER:PASSWORD@mail.example.com:465')
  if (url.hostname === '' || !['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '')
    throw new Error('must have a host, and no path, query or fragment.')
  return text
}

export function parseMailFrom(text: string): string {
  if (!/^[^\s@<>,]+@[^\s@<>,]+$/.test(text)) throw new Error('is not an address such as chandler@example.com.')
  return text
}

export function parseOidcIssuer(text: string): string {
  const url = parseUrl(text, ['https:', 'http:'], 'https://login.example.com')
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol === 'http:' && !isLoopback)
    throw new Error('must be https: the answers of the provider decide who signs in.')
  if (url.search !== '' || url.hash !== '' || url.username !== '')
    throw new Error('must have no user, query or fragment.')
  return text
}

export function parseOidcText(text: string): string {
  if (text.length > 1_024 || text.trim() !== text)
    throw new Error('must have at most 1024 characters and no outer spaces.')
  return text
}

export function parseOidcScopes(text: string): string {
  const scopes = text.split(/\s+/).filter(Boolean)
  if (!scopes.includes('openid')) throw new Error('must contain openid.')
  return scopes.join(' ')
}

export const parseGroupRoles = (text: string): GroupRole[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => {
      const at = one.lastIndexOf('=')
      if (at <= 0 || at === one.length - 1) throw new Error(`"${one}" is not GROUP=ROLE.`)
      return { group: one.slice(0, at).trim(), role: one.slice(at + 1).trim() }
    })

export function parseOidcSession(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms < 300_000 || ms > maxSessionMs)
    throw new Error(`"${text}" is not a time from 5m to 7d, such as 12h.`)
  return ms
}

const auditProtocols = ['syslog+udp:', 'syslog+tcp:', 'syslog+tls:', 'https:', 'http:']

/** Receivers of the audit log, as `stdout` or URLs. */
export const parseAuditReceivers = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseAuditReceiver)

function parseAuditReceiver(text: string): string {
  if (text === 'stdout') return text
  // No part of the text is repeated: it may contain a password.
  if (!URL.canParse(text)) throw new Error('a receiver is neither "stdout" nor a URL.')
  const url = new URL(text)
  const { protocol, host, pathname } = url
  if (protocol === 'file:' && host === '' && pathname.length > 1) return url.href
  if (!auditProtocols.includes(protocol) || host === '')
    throw new Error(`a receiver is not stdout, file:///PATH or a URL with one of ${auditProtocols.join(', ')}`)
  return url.href
}

/** @returns undefined for `forever` */
export function parseRetention(text: string): number | undefined {
  if (text === 'forever') return undefined
  const ms = parseDuration(text)
  if (ms === undefined || ms < minRetentionMs)
    throw new Error(`"${text}" is not a time of 1d or more, such as 90d, and not "forever".`)
  return ms
}

/** @returns `ms` undefined for `0` */
export function parseDriftCheck(text: string): { readonly ms: number | undefined } {
  if (/^0[smhd]?$/.test(text)) return { ms: undefined }
  const ms = parseDuration(text)
  if (ms === undefined || ms < 1_000 || ms > maxDriftCheckMs)
    throw new Error(`"${text}" is not "0" or a time from 1s to 7d, such as 15m.`)
  return { ms }
}

export function parsePoolSize(text: string): number {
  const size = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (size < minPoolSize || size > maxPoolSize)
    throw new Error(`"${text}" is not a number from ${minPoolSize} to ${maxPoolSize}.`)
  return size
}

export function parseArtifactUrlTtl(text: string): number {
  const ttlMs = parseDuration(text)
  if (ttlMs === undefined || ttlMs < 60_000 || ttlMs > maxArtifactUrlTtlMs)
    throw new Error(`"${text}" is not a time from 1m to 7d, such as 30m or 1h.`)
  return ttlMs
}
