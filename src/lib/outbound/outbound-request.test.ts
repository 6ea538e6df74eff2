import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createAddressGuard } from './address-guard.ts'
import { sendOutbound } from './outbound-request.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

async function serve(answer: RequestListener): Promise<number> {
  server = createServer(answer)
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  return (server.address() as AddressInfo).port
}

const limits = { timeoutMs: 5_000, maxBytes: 1_000 }
const local = createAddressGuard(['127.0.0.1'])

test('a request is answered; its body and headers arrive', async () => {
  const port = await serve((request, response) => {
    request
      .setEncoding('utf8')
      .on('data', (body) => response.writeHead(201).end(`${String(request.headers['x-a'])} ${String(body)}`))
  })
  const request = { url: `http://127.0.0.1:${port}/`, method: 'POST' as const, headers: { 'x-a': 'b' }, body: 'c' }
  expect(await sendOutbound(local, { ...request, ...limits })).toEqual({ kind: 'answer', status: 201, body: 'b c' })
})

test('a loopback address is refused, by address and by name, before anything is sent', async () => {
  let requests = 0
  const port = await serve((_, response) => {
    requests += 1
    response.end()
  })
  const guard = createAddressGuard([])
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1'])
    expect(await sendOutbound(guard, { url: `http://${host}:${port}/`, ...limits }), host).toEqual({ kind: 'refused' })
  expect(requests).toBe(0)
})

test('a redirect is an answer, and is not followed', async () => {
  const port = await serve((_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end())
  expect(await sendOutbound(local, { url: `http://127.0.0.1:${port}/`, ...limits })).toMatchObject({ status: 302 })
})

test('an endless answer is not read to its end', async () => {
  const port = await serve((_, response) => {
    const write = () => {
      if (!response.destroyed) response.write('a'.repeat(10_000), write)
    }
    write()
  })
  expect(await sendOutbound(local, { url: `http://127.0.0.1:${port}/`, ...limits })).toEqual({ kind: 'tooLarge' })
})

test('silence ends with the timeout; nobody there, an unknown name and no URL are unreachable', async () => {
  const port = await serve(() => undefined)
  const url = `http://127.0.0.1:${port}/`
  expect(await sendOutbound(local, { url, timeoutMs: 50, maxBytes: 1 })).toEqual({ kind: 'unreachable' })
  for (const bad of ['http://127.0.0.1:1/', 'http://nobody.invalid/', 'file:///etc/passwd', 'nothing'])
    expect(await sendOutbound(local, { url: bad, ...limits }), bad).toEqual({ kind: 'unreachable' })
})
