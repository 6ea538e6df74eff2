import { createRequire } from 'node:module'
import type * as OpenApiClient from '@alicloud/openapi-client'
import type * as OpenApiCore from '@alicloud/openapi-core'
import PopCore from '@alicloud/pop-core'
import * as TeaUtil from '@alicloud/tea-util'

// oxlint-disable-next-line typescript/no-explicit-any -- what is in an answer is what a test looks at
export type OosAnswer = Record<string, any>

/**
 * Calls one operation; parameters in wire format (JSON in text), `undefined` for absent ones.
 * Rejects with an error whose `code` is that of the answer.
 */
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

interface Service {
  readonly url: string
  readonly key: { readonly id: string; readonly secret: string }
  readonly version: string
}

/** The official clients, unmodified, as scripts create them: only the endpoint differs. */
export function makeClients(
  url: string,
  key: Service['key'],
  version = '2019-06-01',
): Readonly<Record<ClientName, CallOos>> {
  const service = { url, key, version }
  const pop = new PopCore({ endpoint: url, apiVersion: version, accessKeyId: key.id, accessKeySecret: key.secret })
  const popCall =
    (method: 'GET' | 'POST'): CallOos =>
    (action, parameters = {}) =>
      pop.request(action, given(parameters), { method, timeout })
  return {
    'pop-core GET': popCall('GET'),
    'pop-core POST': popCall('POST'),
    'openapi-client V3 query': makeOpenApiCall(service, 'query'),
    'openapi-client V3 form': makeOpenApiCall(service, 'body'),
    'openapi-client V1': makeOpenApiCall(service, 'query', 'v2'),
    'openapi-core': makeCoreCall(service),
  }
}

const timeout = 60_000
const given = (parameters: Readonly<Record<string, string | number | boolean | undefined>>) =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )

/** The method of the generated OOS client for every operation. */
const describeCall = (action: string, version: string) => ({
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

// They are CommonJS builds, whose default export is a named property.
const load = createRequire(import.meta.url)
const openApiClient = load('@alicloud/openapi-client') as typeof OpenApiClient.default
const openApiCore = load('@alicloud/openapi-core') as typeof OpenApiCore.default

function makeOpenApiCall({ url, key, version }: Service, place: 'query' | 'body', signatureAlgorithm?: 'v2'): CallOos {
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
    const answer = await client.callApi(new Params(describeCall(action, version)), request, runtime)
    return answer.body as OosAnswer
  }
}

function makeCoreCall({ url, key, version }: Service): CallOos {
  const { default: Client, $OpenApiUtil } = openApiCore
  const config = { accessKeyId: key.id, accessKeySecret: key.secret, endpoint: new URL(url).host, protocol: 'http' }
  const client = new Client(new $OpenApiUtil.Config(config))
  return async (action, parameters = {}) => {
    const request = new $OpenApiUtil.OpenApiRequest({ query: given(parameters) })
    const answer = await client.callApi(
      new $OpenApiUtil.Params(describeCall(action, version)),
      request,
      new TeaUtil.RuntimeOptions({}),
    )
    return answer.body as OosAnswer
  }
}
