import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { uploadFile } from './upload-file.ts'

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function makeFile(sizeBytes: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chandler-upload-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'file')
  await writeFile(path, '')
  await truncate(path, sizeBytes)
  return path
}

test('sends the whole file with its length', async () => {
  const path = await makeFile(1_000_000)
  const url = await serve((request, response) => {
    let received = 0
    request.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    request.on('end', () => {
      const { 'content-length': length, 'x-name': name } = request.headers
      response.end(`${request.method} ${length} ${String(name)} ${received}`)
    })
  })
  expect(await uploadFile({ url, headers: { 'x-name': 'a' }, body: await open(path), sizeBytes: 1_000_000 })).toEqual({
    status: 200,
    text: 'PUT 1000000 a 1000000',
  })
})

test('follows the pace of a slow receiver, instead of reading the file into memory', async () => {
  const sizeBytes = 400_000_000
  const path = await makeFile(sizeBytes)
  const before = process.memoryUsage().rss
  let most = 0
  const url = await serve((request, response) => {
    let received = 0
    // A receiver that reads one chunk per turn of the event loop.
    request.on('data', (chunk: Buffer) => {
      received += chunk.length
      most = Math.max(most, process.memoryUsage.rss())
      request.pause()
      setImmediate(() => request.resume())
    })
    request.on('end', () => response.end(String(received)))
  })
  expect((await uploadFile({ url, headers: {}, body: await open(path), sizeBytes })).text).toBe(String(sizeBytes))
  expect(most - before).toBeLessThan(sizeBytes / 2)
})

test('a refusal before the end of the upload is the answer', async () => {
  const sizeBytes = 50_000_000
  const path = await makeFile(sizeBytes)
  let received = 0
  const url = await serve((request, response) => {
    response.writeHead(413).end('too large')
    request.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
  })
  expect(await uploadFile({ url, headers: {}, body: await open(path), sizeBytes })).toEqual({
    status: 413,
    text: 'too large',
  })
  expect(received).toBeLessThan(sizeBytes)
})

test('a server that closes the connection is an error', async () => {
  const url = await serve((request) => request.socket.destroy())
  const body = await open(await makeFile(10))
  await expect(uploadFile({ url, headers: {}, body, sizeBytes: 10 })).rejects.toThrow('socket hang up')
})
