import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createLogger } from '../../lib/logger.ts'
import type { Dmi } from '../platform/machine.ts'
import { askCloud, type CloudOptions } from './cloud-facts.ts'

const dmi = (fields: Partial<Dmi>): Dmi => ({
  sysVendor: '',
  productName: '',
  biosVendor: '',
  biosVersion: '',
  chassisAssetTag: '',
  ...fields,
})
const alibabaDmi = dmi({ sysVendor: 'Alibaba Cloud', productName: 'Alibaba Cloud ECS' })
const awsDmi = dmi({ sysVendor: 'Amazon EC2', productName: 'm5.large' })
const azureDmi = dmi({ sysVendor: 'Microsoft Corporation', chassisAssetTag: '7783-7084-3265-9085-8269-3286-77' })
const gcpDmi = dmi({ sysVendor: 'Google', productName: 'Google Compute Engine' })

type Answer = { status?: number; body: string } | undefined | 'silence'
const servers: Server[] = []
const asked: string[] = []
const logged: string[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
  asked.length = 0
  logged.length = 0
})

/** A metadata service with the documented answers; undefined means 404. */
async function makeService(answer: (request: IncomingMessage) => Answer): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const given = answer(request)
    if (given === 'silence') return
    response.writeHead(given === undefined ? 404 : (given.status ?? 200)).end(given?.body ?? 'not found')
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const ask = (options: Pick<CloudOptions, 'dmi' | 'metadataUrls'>) =>
  askCloud({
    ...options,
    log: createLogger({ level: 'debug', format: 'text', write: (line) => logged.push(line), now: () => 0 }),
  })

function answerAsAlibaba(items: Record<string, string>) {
  return ({ method, url = '', headers }: IncomingMessage): Answer => {
    if (method === 'PUT' && url === '/latest/api/token' && headers['x-aliyun-ecs-metadata-token-ttl-seconds'])
      return { body: 'a-token' }
    if (headers['x-aliyun-ecs-metadata-token'] !== 'a-token') return { status: 403, body: 'no token' }
    const body = items[url.replace('/latest/meta-data/', '')]
    return body === undefined ? undefined : { body }
  }
}

const alibabaItems = {
  'region-id': 'cn-hangzhou',
  'zone-id': 'cn-hangzhou-h',
  'instance-id': 'i-bp13znx0m0me8cquu000',
  'instance/instance-type': 'ecs.g6e.large',
  'image-id': 'aliyun_3_x64_20G_alibase_20210425.vhd',
  'network-type': 'vpc',
}

test('Alibaba Cloud, a public image', async () => {
  const url = await makeService(answerAsAlibaba(alibabaItems))
  expect(await ask({ dmi: alibabaDmi, metadataUrls: { alibaba: url } })).toEqual({
    provider: 'alibaba',
    region: 'cn-hangzhou',
    zone: 'cn-hangzhou-h',
    instanceId: 'i-bp13znx0m0me8cquu000',
    instanceType: 'ecs.g6e.large',
    instanceFamily: 'ecs.g6e',
    imageId: 'aliyun_3_x64_20G_alibase_20210425.vhd',
    imageType: 'system',
    networkType: 'vpc',
  })
})

test.each([
  ['a marketplace image', { 'image-id': 'm-bp1', 'image/market-place/product-code': 'cmjj010000' }, 'marketplace'],
  ['an image of which the service does not tell whose it is', { 'image-id': 'm-bp1' }, ''],
])('Alibaba Cloud, %s', async (_, items, imageType) => {
  const url = await makeService(answerAsAlibaba({ ...alibabaItems, ...items }))
  expect(await ask({ dmi: alibabaDmi, metadataUrls: { alibaba: url } })).toMatchObject({ imageId: 'm-bp1', imageType })
})

const awsDocument = {
  accountId: '123456789012',
  architecture: 'x86_64',
  availabilityZone: 'eu-central-1b',
  billingProducts: null,
  devpayProductCodes: null,
  marketplaceProductCodes: null,
  imageId: 'ami-0abcdef1234567890',
  instanceId: 'i-1234567890abcdef0',
  instanceType: 'm5.large',
  region: 'eu-central-1',
  version: '2017-09-30',
}

function answerAsAws(document: unknown) {
  return ({ method, url, headers }: IncomingMessage): Answer => {
    if (method === 'PUT' && url === '/latest/api/token' && headers['x-aws-ec2-metadata-token-ttl-seconds'])
      return { body: 'AQAEAF==' }
    if (headers['x-aws-ec2-metadata-token'] !== 'AQAEAF==') return { status: 401, body: '' }
    return url === '/latest/dynamic/instance-identity/document' ? { body: JSON.stringify(document) } : undefined
  }
}

test('AWS by IMDSv2', async () => {
  const url = await makeService(answerAsAws(awsDocument))
  expect(await ask({ dmi: awsDmi, metadataUrls: { aws: url } })).toEqual({
    provider: 'aws',
    region: 'eu-central-1',
    zone: 'eu-central-1b',
    instanceId: 'i-1234567890abcdef0',
    instanceType: 'm5.large',
    instanceFamily: 'm5',
    imageId: 'ami-0abcdef1234567890',
    imageType: '',
    networkType: 'vpc',
  })
})

test('AWS, an older Xen instance with a marketplace image', async () => {
  const url = await makeService(answerAsAws({ ...awsDocument, marketplaceProductCodes: ['4i20ezfza3p7xx2kt2g8weu2u'] }))
  const xen = dmi({ sysVendor: 'Xen', productName: 'HVM domU', biosVersion: '4.11.amazon' })
  expect(await ask({ dmi: xen, metadataUrls: { aws: url } })).toMatchObject({ imageType: 'marketplace' })
})

const azureCompute = {
  location: 'westeurope',
  zone: '2',
  vmId: '02aab8a4-74ef-476e-8182-f6d2ba4166a6',
  vmSize: 'Standard_D2s_v3',
  plan: { name: '', product: '', publisher: '' },
  storageProfile: { imageReference: { id: '', offer: 'debian-12', publisher: 'Debian', sku: '12', version: 'latest' } },
}

const answerAsAzure =
  (compute: unknown) =>
  ({ url, headers }: IncomingMessage): Answer => {
    if (headers.metadata !== 'true')
      return { status: 400, body: '{"error":"Bad request. Required metadata header not specified"}' }
    return url?.startsWith('/metadata/instance/compute?api-version=') ? { body: JSON.stringify(compute) } : undefined
  }

test('Azure', async () => {
  const url = await makeService(answerAsAzure(azureCompute))
  expect(await ask({ dmi: azureDmi, metadataUrls: { azure: url } })).toEqual({
    provider: 'azure',
    region: 'westeurope',
    zone: 'westeurope-2',
    instanceId: '02aab8a4-74ef-476e-8182-f6d2ba4166a6',
    instanceType: 'Standard_D2s_v3',
    instanceFamily: 'Standard_Ds_v3',
    imageId: 'Debian:debian-12:12:latest',
    imageType: 'system',
    networkType: 'vnet',
  })
})

test.each([
  ['an image of its own', { storageProfile: { imageReference: { id: '/subscriptions/s/images/mine' } } }, 'self'],
  ['a marketplace plan', { plan: { name: 'nginx', product: 'p', publisher: 'x' } }, 'marketplace'],
  ['no image at all', { storageProfile: {} }, ''],
])('Azure, %s', async (_, fields, imageType) => {
  const url = await makeService(answerAsAzure({ ...azureCompute, ...fields }))
  expect(await ask({ dmi: azureDmi, metadataUrls: { azure: url } })).toMatchObject({ imageType })
})

test('Google Cloud, with an id that JSON numbers would round', async () => {
  const items: Record<string, string> = {
    id: '7654321098765432109',
    zone: 'projects/123456/zones/us-central1-a',
    'machine-type': 'projects/123456/machineTypes/n2-standard-4',
    image: 'projects/debian-cloud/global/images/debian-12-bookworm-v20241112',
  }
  const url = await makeService(({ url = '', headers }) => {
    if (headers['metadata-flavor'] !== 'Google') return { status: 403, body: '' }
    const body = items[url.replace('/computeMetadata/v1/instance/', '')]
    return body === undefined ? undefined : { body }
  })
  expect(await ask({ dmi: gcpDmi, metadataUrls: { gcp: url } })).toEqual({
    provider: 'gcp',
    region: 'us-central1',
    zone: 'us-central1-a',
    instanceId: '7654321098765432109',
    instanceType: 'n2-standard-4',
    instanceFamily: 'n2',
    imageId: 'projects/debian-cloud/global/images/debian-12-bookworm-v20241112',
    imageType: '',
    networkType: 'vpc',
  })
})

test('a machine outside of any cloud queries no service', async () => {
  const url = await makeService(() => ({ body: 'anybody' }))
  const metadataUrls = { alibaba: url, aws: url, azure: url, gcp: url }
  const ownHyperV = dmi({
    sysVendor: 'Microsoft Corporation',
    productName: 'Virtual Machine',
    chassisAssetTag: '0000',
  })
  for (const own of [dmi({}), dmi({ sysVendor: 'Dell Inc.', productName: 'PowerEdge R740' }), ownHyperV])
    expect(await ask({ dmi: own, metadataUrls })).toBeUndefined()
  expect(asked).toEqual([])
})

const failures: [string, (request: IncomingMessage) => Answer, RegExp][] = [
  ['does not answer', () => 'silence', /aws does not answer/],
  ['refuses', () => ({ status: 403, body: 'disabled' }), /answered 403/],
  [
    'answers with something else',
    ({ method }) => ({ body: method === 'PUT' ? 'AQAEAF==' : '<html>' }),
    /aws does not answer.*JSON/,
  ],
  ['answers without end', () => ({ body: 'x'.repeat(300 * 1024) }), /larger than 262144 bytes/],
]
test.each(failures)('a service that %s is skipped within its timeout, with a warning', async (_, answer, why) => {
  const url = await makeService(answer)
  expect(await ask({ dmi: awsDmi, metadataUrls: { aws: url } })).toBeUndefined()
  expect(logged.join('')).toMatch(why)
})
