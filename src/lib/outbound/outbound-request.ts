import { lookup as resolve } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { AddressGuard } from './address-guard.ts'

/** A request to an address that a user configured. */
export interface OutboundRequest {
  readonly url: string
  /** GET without a body. */
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** For the whole request. */
  readonly timeoutMs: number
  /** A longer response is not read to its end. */
  readonly maxBytes: number
}

export type OutboundAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** `refused`: the guard does not allow the address. */
  | { readonly kind: 'refused' | 'unreachable' | 'tooLarge' }

/**
 * Sends a request and reads a limited response. Redirects are not followed. The connection uses the
 * address that the guard has checked, so that a name cannot resolve to another one in between.
 * Never throws.
 */
export function sendOutbound(
  guard: AddressGuard,
  { url, method = 'GET', headers = {}, body, timeoutMs, maxBytes }: OutboundRequest,
  signal?: AbortSignal,
): Promise<OutboundAnswer> {
  const target = URL.canParse(url) ? new URL(url) : undefined
  if (!target || (target.protocol !== 'http:' && target.protocol !== 'https:'))
    return Promise.resolve({ kind: 'unreachable' })
  const host = target.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !guard.allows(host, host)) return Promise.resolve({ kind: 'refused' })
  const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])])
  const send = target.protocol === 'https:' ? requestHttps : requestHttp
  const { promise, resolve: finish } = Promise.withResolvers<OutboundAnswer>()
  const request = send(target, {
    method,
    headers: { accept: '*/*', 'user-agent': 'chandler', ...headers },
    lookup: guardedLookup(guard),
    // A connection of its own: the address of a pooled one was checked for another name.
    agent: false,
    signal: limit,
  })
  request.on('error', (error) => finish({ kind: error instanceof AddressRefused ? 'refused' : 'unreachable' }))
  request.on('response', (response) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) {
        finish({ kind: 'tooLarge' })
        request.destroy()
      } else chunks.push(chunk)
    })
    response.on('error', () => finish({ kind: 'unreachable' }))
    response.on('end', () =>
      finish({ kind: 'answer', status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
    )
  })
  request.end(body)
  return promise
}

class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** Resolves a name to the addresses that the guard allows; none is an error. */
const guardedLookup =
  (guard: AddressGuard): LookupFunction =>
  (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 4)
      const allowed = addresses.filter(({ address }) => guard.allows(host, address))
      const [first] = allowed
      if (!first) return done(new AddressRefused(`${host} resolves to an address that is not allowed`), '', 4)
      if (options.all) done(null, allowed)
      else done(null, first.address, first.family)
    })
  }
