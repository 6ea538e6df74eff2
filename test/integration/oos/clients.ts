import { createRequire } from 'node:module'
import type * as OpenApiClient from '@alicloud/openapi-client'
import type * as OpenApiCore from '@alicloud/openapi-core'
import PopCore from '@alicloud/pop-core'
import * as TeaUtil from '@alicloud/tea-util'

/** What the official clients say of an error, as scripts see it. */
export interface OosClientError extends Error {
  readonly code: string
  readonly data?: {
    readonly Code?: string
    readonly Message?: string
    readonly RequestId?: string
    readonly statusCode?: number
  }
}

// oxlint-disable-next-line typescript/no-explicit-any -- what is in an answer is what a test looks at
export type OosAnswer = Record<string, any>

/** Calls one operation; parameters as the wire has them (JSON in text), `undefined` for those left out. Rejects with OosClientError. */
export type CallOos = (
  action: string,
  parameters?: Readonly<Record<string, string | number | boolean | undefined>>,
) => Promise<OosAnswer>

export const clientNames = [
  'pop-core GET',
  'pop-core POST',
  'openapi-client V3 query',
  'openapi-client V3 form',
  'openapi-client V1',
  'openapi-core',
] as const
export type ClientName = (typeof clientNames)[number]

const version = '2019-06-01'

/** The official clients, unchanged, as scripts make them: only the endpoint is another one. */
export function makeClients(
  url: string,
  key: { readonly id: string; readonly secret: string },
): Readonly<Record<ClientName, CallOos>> {
  const pop = new PopCore({ endpoint: url, apiVersion: version, accessKeyId: key.id, accessKeySecret: key.secret })
  const popCall =
    (method: 'GET' | 'POST'): CallOos =>
    (action, parameters = {}) =>
      pop.request(action, given(parameters), { method, timeout })
  return {
    'pop-core GET': popCall('GET'),
    'pop-core POST': popCall('POST'),
    'openapi-client V3 query': makeOpenApiCall(url, key, 'query'),
    'openapi-client V3 form': makeOpenApiCall(url, key, 'body'),
    'openapi-client V1': makeOpenApiCall(url, key, 'query', 'v2'),
    'openapi-core': makeCoreCall(url, key),
  }
}

const timeout = 60_000
const given = (parameters: Readonly<Record<string, string | number | boolean | undefined>>) =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )

/** How the generated OOS client calls every operation. */
const describeCall = (action: string) => ({
  action,
  version,
  protocol: 'HTTPS',
  pathname: '/',
  method: 'POST',
  authType: 'AK',
  style: 'RPC',
  reqBodyType: 'formData',
  bodyType: 'json',
})

// They are CommonJS builds, and what they export by default is a name among others.
const load = createRequire(import.meta.url)
const openApiClient = load('@alicloud/openapi-client') as typeof OpenApiClient.default
const openApiCore = load('@alicloud/openapi-core') as typeof OpenApiCore.default

function makeOpenApiCall(
  url: string,
  key: { readonly id: string; readonly secret: string },
  place: 'query' | 'body',
  signatureAlgorithm?: 'v2',
): CallOos {
  const { default: Client, Config, Params, OpenApiRequest } = openApiClient
  const client = new Client(
    new Config({
      accessKeyId: key.id,
      accessKeySecret: key.secret,
      endpoint: new URL(url).host,
      protocol: 'http',
      signatureAlgorithm,
    }),
  )
  return async (action, parameters = {}) => {
    const request = new OpenApiRequest({ [place]: given(parameters) })
    const runtime = new TeaUtil.RuntimeOptions({ readTimeout: timeout, connectTimeout: timeout })
    const answer = await client.callApi(new Params(describeCall(action)), request, runtime)
    return answer.body as OosAnswer
  }
}

function makeCoreCall(url: string, key: { readonly id: string; readonly secret: string }): CallOos {
  const { default: Client, $OpenApiUtil } = openApiCore
  const config = { accessKeyId: key.id, accessKeySecret: key.secret, endpoint: new URL(url).host, protocol: 'http' }
  const client = new Client(new $OpenApiUtil.Config(config))
  return async (action, parameters = {}) => {
    const request = new $OpenApiUtil.OpenApiRequest({ query: given(parameters) })
    const answer = await client.callApi(
      new $OpenApiUtil.Params(describeCall(action)),
      request,
      new TeaUtil.RuntimeOptions({}),
    )
    return answer.body as OosAnswer
  }
}
