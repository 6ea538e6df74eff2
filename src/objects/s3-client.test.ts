import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { createS3Clients } from './s3-client.ts'

/** The status of each key. */
const statuses: Readonly<Record<string, number>> = {
  '/bucket/kept': 200,
  '/bucket/refused': 403,
  '/bucket/full': 507,
  '/bucket/busy': 503,
}

const hasFailed = (sent: Promise<unknown>) =>
  sent.then(
    () => false,
    () => true,
  )

test('each request is measured once, with its retries and what its failure means', async () => {
  let requests = 0
  const store = createServer((request, response) => {
    requests++
    const status = statuses[request.url?.split('?', 1)[0] ?? ''] ?? 404
    request.resume().on('end', () => response.writeHead(status).end())
  }).listen(0, '127.0.0.1')
  await once(store, 'listening')
  const endpoint = `http://127.0.0.1:${(store.address() as AddressInfo).port}`
  const seen: string[] = []
  const { client } = createS3Clients(
    { bucket: 'bucket', prefix: '', region: 'us-east-1', endpoint, pathStyle: true },
    { credentials: { accessKeyId: 'id', secretAccessKey: 'secret' }, maxAttempts: 2 },
    (operation, seconds, result) => {
      expect(seconds).toBeGreaterThan(0)
      seen.push(`${operation} ${result}`)
    },
  )
  const head = (key: string) => client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: key }))
  await head('kept')
  expect(await hasFailed(head('absent'))).toBe(true)
  expect(await hasFailed(head('refused'))).toBe(true)
  expect(await hasFailed(client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'full', Body: 'x' })))).toBe(true)
  expect(await hasFailed(head('busy'))).toBe(true)
  // The last one was retried.
  expect(requests).toBe(6)
  store.closeAllConnections()
  await once(store.close(), 'close')
  expect(await hasFailed(head('kept'))).toBe(true)
  expect(seen).toEqual([
    'HeadObject ok',
    'HeadObject missing',
    'HeadObject refused',
    'PutObject full',
    'HeadObject temporary',
    'HeadObject temporary',
  ])
})
