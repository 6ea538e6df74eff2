/** Events and their deliveries on a real database, with a real receiver; the test has the clock of the deliveries. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InstanceId } from '../../../src/core/id.ts'
import { eventTypes } from '../../../src/core/notification/event.ts'
import { createAddressGuard } from '../../../src/lib/outbound/address-guard.ts'
import { signWebhook } from '../../../src/lib/outbound/webhook-signature.ts'
import { createDeliverer } from '../../../src/server/app/notification/deliver.ts'
import { noteOffline } from '../../../src/server/app/notification/note-offline.ts'
import { tidyEvents } from '../../../src/server/app/notification/tidy-events.ts'
import {
  createWebhook,
  readDeliveries,
  readWebhook,
  replayDelivery,
  testWebhook,
} from '../../../src/server/app/notification/webhooks.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let plane: ControlPlane
let ids: InstanceId[]
let receiver: Server
let url: string
let status: number
let received: Received[]
beforeEach(async () => {
  plane = await startControlPlane()
  ids = await plane.enrol(2)
  await plane.makeExtension('demo')
  ;[status, received] = [204, []]
  receiver = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      received.push({ headers: request.headers, body })
      response.writeHead(status).end()
    })
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  receiver.listen(0, '127.0.0.1', resolve)
  await promise
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
})
afterEach(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await plane.stop()
})

const dayMs = 86_400_000
const never = new AbortController().signal
const makeDeliverer = (allowed = ['127.0.0.1']) =>
  createDeliverer(plane.context, createAddressGuard(allowed), 'https://chandler.example')
/** After everything that the test has stored, on the clock of the database. */
const at = (ms = 1_000) => new Date(Date.now() + ms)
const types = () => received.map(({ body }) => JSON.parse(body).type as string)
const create = (name: string, more: object = {}) =>
  createWebhook(plane.context, actor, { name, url, events: eventTypes, ...more })
const statusesOf = async (name: string) =>
  (await readDeliveries(plane.context, actor, name, { limit: 100 })).map((one) => one.status)

test('an execution: started, waiting for approval, gate failed, finished; signed, in order, each once', async () => {
  const { secret = '' } = await create('ci')
  const id = await plane.start({
    extension: 'demo',
    targets: { kind: 'ids', ids },
    rateControl: { mode: 'Batch', batches: [1], gates: ['approval:1 timeout=1s'], onGateFailure: 'cancel' },
  })
  await plane.end(await plane.takeWork(ids, 1))
  await plane.until(async () => (await statusesOf('ci')).length === 2)
  await plane.db.pool.query(`update execution_gates set began_at = began_at - interval '1 hour'`)
  plane.context.poke([id])
  await plane.untilStatus(id, 'Failed')
  const deliverer = makeDeliverer()
  await Promise.all([deliverer.round(never, at()), makeDeliverer().round(never, at())])
  expect(types().toSorted()).toEqual([
    'execution.approvalRequired',
    'execution.finished',
    'execution.gateFailed',
    'execution.started',
  ])
  expect(await deliverer.round(never, at())).toBe(0)
  for (const { headers, body } of received) {
    const timestampS = Number(headers['webhook-timestamp'])
    const signed = signWebhook(secret, { id: String(headers['webhook-id']), timestampS, body })
    expect(headers).toMatchObject({ ...signed, 'content-type': 'application/json' })
    expect(JSON.parse(body)).toMatchObject({
      id: headers['webhook-id'],
      url: `https://chandler.example/executions/${id}`,
      execution: { id, operation: 'install demo v1', startedBy: 'admin', taskCount: 2 },
    })
  }
  expect(received.map(({ body }) => body).join()).toContain('"status":"Failed"')
  expect(await statusesOf('ci')).toEqual(['delivered', 'delivered', 'delivered', 'delivered'])
})

test('a receiver that is down for a day loses nothing and blocks nothing', async () => {
  await create('up')
  const other = createServer((_, response) => response.writeHead(503).end())
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const downUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`
  await create('down', { url: downUrl })
  for (let index = 0; index < 10; index++) await testWebhook(plane.context, actor, 'down')
  await testWebhook(plane.context, actor, 'up')
  const deliverer = makeDeliverer()
  const begin = Date.now() + 1_000
  await deliverer.round(never, new Date(begin))
  expect(await statusesOf('up')).toEqual(['delivered'])
  // A day passes, in steps of a minute.
  let attempts = 0
  for (let time = begin; time < begin + dayMs; time += 60_000) attempts += await deliverer.round(never, new Date(time))
  expect(await statusesOf('down')).toEqual(Array.from({ length: 10 }, () => 'pending'))
  // Pauses of ten minutes: the receiver is not flooded while it is down.
  expect(attempts).toBeLessThan(170)
  other.close()
  other.closeAllConnections()
  const again = createServer((_, response) => response.writeHead(200).end())
  await new Promise<void>((resolve) => again.listen(Number(new URL(downUrl).port), '127.0.0.1', resolve))
  // The first success makes all others due.
  for (let minute = 0; minute < 13; minute++) await deliverer.round(never, new Date(begin + dayMs + minute * 60_000))
  again.close()
  again.closeAllConnections()
  expect(await statusesOf('down')).toEqual(Array.from({ length: 10 }, () => 'delivered'))
  expect(await readWebhook(plane.context, actor, 'down')).toMatchObject({ webhook: { failures: 0 }, pending: 0 })
})

test('a body that the receiver rejects does not hold the others; a delivery is given up and can be replayed', async () => {
  await create('ci')
  status = 422
  await testWebhook(plane.context, actor, 'ci')
  const deliverer = makeDeliverer()
  await deliverer.round(never, at())
  status = 200
  const later = await testWebhook(plane.context, actor, 'ci')
  await deliverer.round(never, at(2_000))
  expect(await statusesOf('ci')).toEqual(['delivered', 'pending'])
  status = 422
  await deliverer.round(never, at(4 * dayMs))
  expect(await statusesOf('ci')).toEqual(['delivered', 'failed'])
  const [, givenUp] = await readDeliveries(plane.context, actor, 'ci', { limit: 10 })
  status = 200
  await replayDelivery(plane.context, actor, 'ci', String(givenUp?.id))
  await deliverer.round(never, at())
  expect(await statusesOf('ci')).toEqual(['delivered', 'delivered'])
  expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(['evt-1', 'evt-2', 'evt-1', 'evt-1'])
  await expect(replayDelivery(plane.context, actor, 'ci', String(later + 100))).rejects.toMatchObject({
    code: 'DeliveryNotFound',
  })
})

test('a server that dies during an attempt: the delivery is repeated after its lease', async () => {
  await create('ci')
  await testWebhook(plane.context, actor, 'ci')
  status = 500
  const stopped = AbortSignal.abort()
  await makeDeliverer().round(stopped, at())
  status = 200
  const other = makeDeliverer()
  expect(await other.round(never, at(30_000))).toBe(0)
  expect(await other.round(never, at(70_000))).toBe(1)
  expect(await statusesOf('ci')).toEqual(['delivered'])
})

test('loopback is not contacted unless a setting allows it; secrets are sealed and not shown', async () => {
  const { secret = '' } = await create('ci', { url: `${url}?token=hunter2` })
  await testWebhook(plane.context, actor, 'ci')
  await makeDeliverer([]).round(never, at())
  expect(received).toEqual([])
  expect((await readDeliveries(plane.context, actor, 'ci', { limit: 1 }))[0]).toMatchObject({
    lastFault: 'AddressRefused',
    status: 'pending',
  })
  const { rows } = await plane.db.pool.query('select w::text as row from webhooks w')
  expect(rows[0].row).not.toContain(secret.slice('whsec_'.length))
  const { rows: audit } = await plane.db.pool.query('select detail::text, action from audit_log')
  const texts = [rows[0].row, JSON.stringify(await readWebhook(plane.context, actor, 'ci')), JSON.stringify(audit)]
  expect(texts.filter((text) => text.includes('hunter2'))).toEqual([])
  expect(audit.map(({ action }: { action: string }) => action)).toEqual(
    expect.arrayContaining(['CreateWebhook', 'TestWebhook']),
  )
})

test('instances that are offline for five minutes are reported once per absence, in one event', async () => {
  await create('ci', { events: ['instance.offline'] })
  const { pool } = plane.db
  await pool.query('update instances set last_seen_at = clock_timestamp()')
  const since = new Date(Date.now() - dayMs)
  const note = async (minutes: number) => {
    // A server was present meanwhile.
    const now = at(minutes * 60_000)
    await pool.query('update server_presence set seen_at = $1', [now])
    await noteOffline(plane.context, { since, now })
    await makeDeliverer().round(never, now)
  }
  await note(4)
  expect(received).toEqual([])
  await note(6)
  await note(7)
  expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([{ type: 'instance.offline', count: 2 }])
  // One returns and leaves again.
  await pool.query(`update instances set last_seen_at = clock_timestamp() + interval '10 minutes' where id = $1`, [
    ids[0],
  ])
  await note(20)
  expect(JSON.parse(received[1]?.body ?? '')).toMatchObject({ count: 1, instances: [{ id: ids[0] }] })
})

test('an event without a subscriber is not stored; old events are removed unless they are due', async () => {
  await create('ci', { events: ['execution.finished'] })
  const id = await plane.start({ extension: 'demo', targets: { kind: 'ids', ids } })
  await plane.end(await plane.takeWork(ids, 2))
  await plane.untilStatus(id, 'Success')
  await makeDeliverer().round(never, at())
  await testWebhook(plane.context, actor, 'ci')
  const count = async () => (await plane.db.pool.query('select type from notification_events order by id')).rows
  expect(await count()).toEqual([{ type: 'execution.finished' }, { type: 'webhook.test' }])
  const clock = { ...plane.context.clock, now: () => Date.now() + 31 * dayMs }
  await tidyEvents({ ...plane.context, clock })
  expect(await count()).toEqual([{ type: 'webhook.test' }])
})
