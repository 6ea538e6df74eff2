import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { resolveBelow } from '../connection/http-request.ts'
import { createArtifactFetch } from './artifact-fetch.ts'
import { ArtifactRefused } from './artifact-refused.ts'

const content = Buffer.from('0123456789')
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function makeSource(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: { path: string; range: string | undefined }[] = []
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', range: request.headers.range })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

function serve({ headers }: IncomingMessage, response: ServerResponse) {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  if (start > 0) response.writeHead(206, { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` })
  response.end(content.subarray(start))
}

const never = new AbortController().signal
async function fetchAll(server: string, path: string, rangeStart = 0, signal = never) {
  const { start, body } = await createArtifactFetch(server)(path, rangeStart, signal)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { start, text: Buffer.concat(chunks).toString() }
}

test('downloads a whole artifact, from the server or from an absolute URL', async () => {
  const source = await makeSource(serve)
  expect(await fetchAll(source.url, '/objects/a?signature=s')).toEqual({ start: 0, text: '0123456789' })
  expect(await fetchAll('http://127.0.0.1:1', `${source.url}/b?x=1`)).toEqual({ start: 0, text: '0123456789' })
  expect(source.asked).toEqual([
    { path: '/objects/a?signature=s', range: undefined },
    { path: '/b?x=1', range: undefined },
  ])
})

test('resumes an earlier download; restarts from a source without range support', async () => {
  const source = await makeSource(serve)
  expect(await fetchAll(source.url, '/a', 4)).toEqual({ start: 4, text: '456789' })
  const whole = await makeSource((_, response) => response.end(content))
  expect(await fetchAll(whole.url, '/a', 4)).toEqual({ start: 0, text: '0123456789' })
})

test('does not accept another range than the requested one', async () => {
  const source = await makeSource((_, response) =>
    response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end(content),
  )
  await expect(fetchAll(source.url, '/a', 4)).rejects.toThrow('asked for bytes from 4, was sent "bytes 0-9/10"')
})

test.each([
  [403, true],
  [404, true],
  [410, true],
  [416, true],
  [429, false],
  [500, false],
  [503, false],
])('%i: a retry cannot succeed: %s', async (status, isRefused) => {
  const source = await makeSource((_, response) => response.writeHead(status).end('secret body'))
  const error = await fetchAll(source.url, '/a?signature=s3cr3t').catch((thrown: unknown) => thrown)
  expect(error instanceof ArtifactRefused).toBe(isRefused)
  expect(String(error)).toContain(String(status))
  expect(String(error)).not.toMatch(/s3cr3t|secret body/)
})

test('a truncated download is an error, not a short artifact', async () => {
  const sized = await makeSource((_, response) => {
    response.writeHead(200, { 'content-length': '10' }).write('01234', () => response.destroy())
  })
  await expect(fetchAll(sized.url, '/a')).rejects.toThrow('aborted')
  const chunked = await makeSource((_, response) => response.write('01234', () => response.destroy()))
  await expect(fetchAll(chunked.url, '/a')).rejects.toThrow('aborted')
})

test('follows redirects, with the range, but not endlessly', async () => {
  const source = await makeSource(serve)
  const sender = await makeSource((_, response) => response.writeHead(307, { location: `${source.url}/there` }).end())
  expect(await fetchAll(sender.url, '/a', 4)).toEqual({ start: 4, text: '456789' })
  const loop = await makeSource((_, response) => response.writeHead(302, { location: '/again' }).end())
  await expect(fetchAll(loop.url, '/a')).rejects.toThrow(/more than 3 times/)
  const elsewhere = await makeSource((_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end())
  await expect(fetchAll(elsewhere.url, '/a')).rejects.toThrow('cannot ask a file: address')
})

test('aborts before the answer and in the middle of it', async () => {
  const beforeAnswer = new AbortController()
  const silent = await makeSource(() => beforeAnswer.abort())
  await expect(fetchAll(silent.url, '/a', 0, beforeAnswer.signal)).rejects.toMatchObject({ name: 'AbortError' })
  const inBody = new AbortController()
  const endless = await makeSource((_, response) => response.write('x'))
  const { body } = await createArtifactFetch(endless.url)('/a', 0, inBody.signal)
  const reading = (async () => {
    for await (const _ of body) inBody.abort()
  })()
  await expect(reading).rejects.toThrow(/abort/)
})

test.each([
  ['http://h:1', '/a/b?c=d', 'http://h:1/a/b?c=d'],
  ['http://h:1/', 'a', 'http://h:1/a'],
  ['https://h/base', '/a?x=1?2', 'https://h/base/a?x=1?2'],
  ['https://h/base/?q#f', '/a', 'https://h/base/a'],
  ['https://h/base', 'https://store/b?s=1', 'https://store/b?s=1'],
])('%s and %s are %s', (server, path, url) => {
  expect(resolveBelow(server, path).href).toBe(url)
})
