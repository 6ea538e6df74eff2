import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface HttpRequest {
  readonly method?: 'GET' | 'PUT' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** No byte in either direction for this long ends the request. */
  readonly idleTimeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * One HTTP request; the response's body is the caller's to read or destroy. Rejects with what the network said, or `AbortError`.
 * node:http and not fetch: an idle agent should not carry a second HTTP client in its memory.
 */
export function requestHttp(url: URL, request: HttpRequest): Promise<IncomingMessage> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return Promise.reject(new Error(`cannot ask a ${url.protocol} address`))
  const { method = 'GET', headers = {}, body, idleTimeoutMs, signal } = request
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
      url,
      {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    )
    sent.setTimeout(idleTimeoutMs, () => sent.destroy(new Error(`${url.host} did not answer for ${idleTimeoutMs} ms`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The whole body as text. Rejects, and ends the connection, when it is longer than `maxBytes`. */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > maxBytes) {
      response.destroy()
      throw new Error(`the answer is larger than ${maxBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** `path` below the server's address, which may have a base path; an absolute address stays what it is. */
export function resolveBelow(server: string, path: string): URL {
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) return new URL(path)
  const base = new URL(server)
  const [pathname = '', search = ''] = path.split(/\?(.*)/s)
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/${pathname.replace(/^\/+/, '')}`
  base.search = search
  base.hash = ''
  return base
}
