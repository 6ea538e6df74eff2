import type { IncomingMessage } from 'node:http'
import { isCertificateError } from '../../core/tls/describe-tls-error.ts'
import { type HttpRequest, requestHttp, resolveBelow } from '../connection/http-request.ts'
import { directNetwork, type Network } from '../connection/network.ts'
import { AddressExpired, type FetchArtifact } from '../invocation/worker.ts'
import { ArtifactRefused } from './artifact-refused.ts'

/** Idle timeout of a source before the retry. */
const idleTimeoutMs = 60_000
/** Object stores redirect to the region of the bucket. */
const maxRedirects = 3

/**
 * Fetches artifacts from `server`, or from an absolute URL (an object store). The URL is signed and
 * must not appear in errors or log lines. node:http rejects when a body is truncated.
 */
export const createArtifactFetch =
  (server: string, network: Network = directNetwork): FetchArtifact =>
  async (url, rangeStart, signal) => {
    const response = await follow(resolveBelow(server, url), rangeStart, signal, network)
    if (response.statusCode === 200) return { start: 0, body: response }
    if (response.statusCode === 206) return { start: startOfRange(response, rangeStart), body: response }
    response.destroy()
    throw refusal(response)
  }

async function follow(url: URL, rangeStart: number, signal: AbortSignal, network: Network): Promise<IncomingMessage> {
  const headers = {
    'accept-encoding': 'identity',
    ...(rangeStart > 0 ? { range: `bytes=${rangeStart}-` } : {}),
  }
  let next = url
  for (let redirects = 0; ; redirects++) {
    const response = await ask(next, { headers, idleTimeoutMs, signal }, network)
    const { statusCode = 0 } = response
    const { location } = response.headers
    if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return response
    response.destroy()
    if (redirects === maxRedirects)
      throw new Error(`${url.host} sent the download around more than ${maxRedirects} times`)
    next = redirectTarget(next, location)
  }
}

/** The certificate of another host, such as an object store, is a frequent problem: name the cause. */
async function ask(url: URL, request: HttpRequest, network: Network): Promise<IncomingMessage> {
  try {
    return await requestHttp(url, { ...request, agent: network.agentFor(url) })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (isCertificateError(code)) throw new ArtifactRefused(network.explain(error as Error, url), { cause: error })
    throw error
  }
}

function redirectTarget(from: URL, location: string): URL {
  const to = URL.parse(location, from.href)
  if (to === null) throw new ArtifactRefused(`${from.host} sent the download to something that is no address`)
  if (from.protocol === 'https:' && to.protocol !== 'https:')
    throw new ArtifactRefused(
      `${from.host} sent the download from https to ${to.protocol.slice(0, -1)}, which is not followed`,
    )
  return to
}

function startOfRange(response: IncomingMessage, rangeStart: number): number {
  const range = response.headers['content-range'] ?? ''
  const start = /^bytes ([0-9]{1,15})-/.exec(range)?.[1]
  if (start !== undefined && Number(start) === rangeStart) return rangeStart
  response.destroy()
  throw new Error(
    `asked for bytes from ${rangeStart}, was sent ${range ? `"${range.slice(0, 64)}"` : 'a part without saying which'}`,
  )
}

/** 408, 425, 429 and 5xx are temporary; any other status is final. */
function refusal({ statusCode = 0, statusMessage = '' }: IncomingMessage): Error {
  const said = `the artifact source answered ${statusCode} ${statusMessage}`.trim()
  if (statusCode >= 500 || [408, 425, 429].includes(statusCode)) return new Error(said)
  return statusCode === 403 ? new AddressExpired(`${said}: the address may have expired`) : new ArtifactRefused(said)
}
