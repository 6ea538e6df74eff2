import { problemSchema } from '../protocol/api/problem.ts'
import { consoleHeader } from '../protocol/api/sessions.ts'
import { chunksOf } from './byte-stream.ts'
import { ClientError, notUnderstood, UnreachableError } from './client-error.ts'

/**
 * A validator such as every schema of protocol/: the client validates answers without a schema
 * library of its own.
 */
export interface ResponseSchema<Value> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Value }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } }
}
interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

export type QueryParameters = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export interface RequestOptions {
  readonly query?: QueryParameters
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** A request body. A file is a Blob in a browser; the CLI passes a stream and its own `upload`. */
export interface UploadRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly sizeBytes: number
  readonly signal?: AbortSignal | undefined
}
export type UploadBody = (request: UploadRequest) => Promise<{ readonly status: number; readonly text: string }>

export type TransportOptions = ConnectionOptions & RequestIdentity

/** Credentials: an access key, or a session cookie that the browser sends by itself. */
export type RequestIdentity =
  | { readonly accessKeyId: string; readonly accessKeySecret: string }
  | { readonly session: true }

interface ConnectionOptions {
  /** URL of the server: `http://127.0.0.1:7443`; its path is kept. */
  readonly server: string
  readonly fetch?: typeof globalThis.fetch
  readonly upload?: UploadBody
  /** Describes a failed connection; absent: the message of its cause. */
  readonly explainFailure?: ExplainFailure | undefined
  /** Aborts all pending requests; the signal of a request aborts that request. */
  readonly signal?: AbortSignal | undefined
}

export type ExplainFailure = (error: { readonly code?: string; readonly message: string }) => string

export interface Transport {
  /** The URL as configured. */
  readonly server: string
  /** Throws ClientError and UnreachableError; the result matches the schema. */
  request<Value>(method: string, path: string, schema: ResponseSchema<Value>, options?: RequestOptions): Promise<Value>
  /** For answers without a body. */
  send(method: string, path: string, options?: RequestOptions): Promise<void>
  /** False for 404. */
  exists(path: string): Promise<boolean>
  /** The server refuses bytes whose digest is not `sha256`, if given. */
  upload<Value>(
    path: string,
    schema: ResponseSchema<Value>,
    request: Pick<UploadRequest, 'body' | 'sizeBytes' | 'signal'> & {
      readonly sha256?: string | undefined
      readonly query?: QueryParameters
    },
  ): Promise<Value>
  /** An answer with a streamed body. */
  open(
    path: string,
    options: RequestOptions & { readonly headers: Readonly<Record<string, string>> },
  ): Promise<Response>
}

/** The largest answer is the plan for 100,000 targets, about 40 MB. */
const maxAnswerBytes = 256 * 1024 * 1024

const defaultUpload =
  (fetch: typeof globalThis.fetch): UploadBody =>
  async ({ url, headers, body, signal }) => {
    const response = await fetch(url, { method: 'PUT', headers, body: body as Blob, ...(signal && { signal }) })
    return { status: response.status, text: await readText(response) }
  }

export function createTransport(options: TransportOptions): Transport {
  const fetch = options.fetch ?? globalThis.fetch
  const upload = options.upload ?? defaultUpload(fetch)
  const base = `${options.server.replace(/\/+$/, '')}/api/v1`
  const identity = headersOf(options)
  const reach = reachWith(options.explainFailure)
  const signalOf = (signal: AbortSignal | undefined) =>
    signal && options.signal ? AbortSignal.any([signal, options.signal]) : (signal ?? options.signal)

  const call = async (
    method: string,
    url: string,
    init: RequestOptions & { headers?: Readonly<Record<string, string>> },
  ) => {
    const headers: Record<string, string> = { ...identity, accept: 'application/json', ...init.headers }
    if (init.body !== undefined) headers['content-type'] = 'application/json'
    const body = init.body === undefined ? null : JSON.stringify(init.body)
    const signal = signalOf(init.signal)
    return await reach(url, signal, () => fetch(url, { method, headers, body, ...(signal && { signal }) }))
  }

  const addressOf = (path: string, query: QueryParameters = {}) => {
    const search = new URLSearchParams()
    for (const [name, value] of Object.entries(query))
      for (const one of [value].flat()) if (one !== undefined) search.append(name, String(one))
    return `${base}${path}${search.size > 0 ? `?${search.toString()}` : ''}`
  }

  const accepted = async (method: string, url: string, init: RequestOptions) => {
    const response = await call(method, url, init)
    const text = await reach(url, signalOf(init.signal), () => readText(response))
    if (!response.ok) throw problemOf(url, response.status, text)
    return { status: response.status, text }
  }

  return {
    server: options.server,
    async request(method, path, schema, init = {}) {
      const url = addressOf(path, init.query)
      const { status, text } = await accepted(method, url, init)
      return understand(url, status, text, schema)
    },
    async send(method, path, init = {}) {
      await accepted(method, addressOf(path, init.query), init)
    },
    async exists(path) {
      const url = addressOf(path)
      const response = await call('HEAD', url, {})
      if (response.ok) return true
      if (response.status === 404) return false
      throw problemOf(url, response.status, '')
    },
    async upload(path, schema, request) {
      const url = addressOf(path, request.query)
      const headers = {
        ...identity,
        accept: 'application/json',
        'content-type': 'application/octet-stream',
        ...(request.sha256 === undefined ? {} : { 'x-content-sha256': request.sha256 }),
      }
      const signal = signalOf(request.signal)
      const { status, text } = await reach(url, signal, () => upload({ ...request, url, headers, signal }))
      if (status >= 400) throw problemOf(url, status, text)
      return understand(url, status, text, schema)
    },
    async open(path, init) {
      const url = addressOf(path, init.query)
      const response = await call('GET', url, init)
      if (response.ok) return response
      throw problemOf(url, response.status, await reach(url, signalOf(init.signal), () => readText(response)))
    },
  }
}

/**
 * Browsers send the session cookie with every request; this header proves that the request comes
 * from the console.
 */
const headersOf = (identity: RequestIdentity): Readonly<Record<string, string>> =>
  'session' in identity
    ? { [consoleHeader]: '1' }
    : { authorization: `Basic ${btoa(`${identity.accessKeyId}:${identity.accessKeySecret}`)}` }

/** Network failures become UnreachableError; an abort by the caller stays an abort. */
const reachWith =
  (explain: ExplainFailure | undefined) =>
  async <Value>(url: string, signal: AbortSignal | undefined, attempt: () => Promise<Value>): Promise<Value> => {
    try {
      return await attempt()
    } catch (error) {
      if (error instanceof ClientError || signal?.aborted) throw error
      throw new UnreachableError(url.slice(0, url.indexOf('/api/v1')), error, explain)
    }
  }

async function readText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let sizeBytes = 0
  for await (const chunk of chunksOf(response.body)) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxAnswerBytes)
      throw notUnderstood(response.url, response.status, `it is larger than ${maxAnswerBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** A path with its variable segments encoded. */
export const pathOf = (parts: TemplateStringsArray, ...values: readonly string[]) =>
  String.raw({ raw: parts }, ...values.map(encodeURIComponent))

/** JSON text from `place`, validated. */
export const parseAnswer = <Value>(place: string, text: string, schema: ResponseSchema<Value>) =>
  understand(place, 200, text, schema)

function understand<Value>(url: string, status: number, text: string, schema: ResponseSchema<Value>): Value {
  const result = schema.safeParse(parseJson(text))
  if (result.success) return result.data
  const [issue] = result.error.issues
  const place = issue?.path.map(String).join('.') || 'the answer'
  throw notUnderstood(url, status, `${place}: ${issue?.message ?? 'unknown form'}`)
}

function problemOf(url: string, status: number, text: string): ClientError {
  const result = problemSchema.safeParse(parseJson(text))
  if (result.success) return new ClientError(result.data)
  return notUnderstood(url, status, `it has status ${status} and is no problem document`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // every schema rejects it
  }
}
