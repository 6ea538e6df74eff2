import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface HttpRequest {
  readonly method?: 'GET' | 'PUT' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Idle timeout, in both directions. */
  readonly idleTimeoutMs: number
  readonly signal?: AbortSignal
  /** Trusted CAs and proxies; absent: the default of Node.js. */
  readonly agent?: Agent | undefined
}

/**
 * One HTTP request; the caller reads or destroys the body of the response. Rejects with the error
 * of the network, or `AbortError`. Uses node:http instead of fetch, because an idle agent should
 * not keep a second HTTP client in memory.
 */
export function requestHttp(url: URL, request: HttpRequest): Promise<IncomingMessage> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return Promise.reject(new Error(`cannot ask a ${url.protocol} address`))
  const { method = 'GET', headers = {}, body, idleTimeoutMs, signal, agent } = request
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
      url,
      {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
        ...(signal === undefined ? {} : { signal }),
        ...(agent && { agent }),
      },
      resolve,
    )
    sent.setTimeout(idleTimeoutMs, () => sent.destroy(new Error(`${url.host} did not answer for ${idleTimeoutMs} ms`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The whole body as text. Rejects, and closes the connection, when it exceeds `maxBytes`. */
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

/**
 * `path` below the server's URL, which may have a base path; an absolute URL is returned unchanged.
 */
export function resolveBelow(server: string, path: string): URL {
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) return new URL(path)
  const base = new URL(server)
  const [pathname = '', search = ''] = path.split(/\?(.*)/s)
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/${pathname.replace(/^\/+/, '')}`
  base.search = search
  base.hash = ''
  return base
}
