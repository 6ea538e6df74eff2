import type { CloudFacts } from '../../../core/instance/facts.ts'
import { readBody, requestHttp } from '../../connection/http-request.ts'
import type { Dmi } from '../../platform/machine.ts'

/** One cloud: how to recognise its machines and how to query its metadata service. */
export interface Cloud {
  readonly provider: CloudFacts['provider']
  /** Base URL of its service, the same on every instance. */
  readonly metadataUrl: string
  isHere(dmi: Dmi): boolean
  /** Rejects when the answer of the service differs from its documentation. */
  ask(metadata: Metadata): Promise<CloudFacts>
}

/** One metadata service, with one timeout for all requests. */
export interface Metadata {
  /** Text at a path. Rejects on any status but 200. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<string>
  put(path: string, headers: Readonly<Record<string, string>>): Promise<string>
  /** Like `get`, but undefined for 404: the instance does not have this attribute. */
  find(path: string, headers?: Readonly<Record<string, string>>): Promise<string | undefined>
}

const maxAnswerBytes = 256 * 1024

export function createMetadata(baseUrl: string, timeoutMs: number, signal: AbortSignal): Metadata {
  const ask = async (method: 'GET' | 'PUT', path: string, headers: Readonly<Record<string, string>>) => {
    const response = await requestHttp(new URL(path, baseUrl), { method, headers, idleTimeoutMs: timeoutMs, signal })
    const text = await readBody(response, maxAnswerBytes)
    return { status: response.statusCode ?? 0, text }
  }
  const demand = async (method: 'GET' | 'PUT', path: string, headers: Readonly<Record<string, string>>) => {
    const { status, text } = await ask(method, path, headers)
    if (status !== 200) throw new Error(`${new URL(path, baseUrl).href} answered ${status}`)
    return text
  }
  return {
    get: (path, headers = {}) => demand('GET', path, headers),
    put: (path, headers) => demand('PUT', path, headers),
    async find(path, headers = {}) {
      const { status, text } = await ask('GET', path, headers)
      if (status === 404) return undefined
      if (status !== 200) throw new Error(`${new URL(path, baseUrl).href} answered ${status}`)
      return text
    },
  }
}

export type Json = Readonly<Record<string, unknown>>

/** A JSON object, or an error. */
export function parseObject(text: string): Json {
  const value: unknown = JSON.parse(text)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error('not a JSON object')
  return value as Json
}

/** A text field; empty if it is not text. */
export const textOf = (object: Json, name: string): string => {
  const value = object[name]
  return typeof value === 'string' ? value.trim() : ''
}

/** An object field; empty if it is not an object. */
export const jsonObjectOf = (object: Json, name: string): Json => {
  const value = object[name]
  return value !== null && typeof value === 'object' ? (value as Json) : {}
}
