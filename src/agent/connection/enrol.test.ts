import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createLogger } from '../../lib/logger.ts'
import { createManualClock } from '../../lib/manual-clock.ts'
import { OperatorError } from '../../lib/operator-error.ts'
import { type EnrolRequest, enrolRequestSchema } from '../../protocol/agent-messages.ts'
import { agentPaths, enrolProof } from '../../protocol/agent-protocol.ts'
import { makeSimulatedFacts } from '../facts/simulated-facts.ts'
import { enrol } from './enrol.ts'

const instanceId = 'i-0123456789abcdef'
const { privateKey } = generateKeyPairSync('ed25519')
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

type Answer = (response: ServerResponse, request: IncomingMessage) => void

const json = (status: number, body: unknown) => (response: ServerResponse) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const enrolled = json(200, { instanceId })
const problem = (status: number) =>
  json(status, {
    type: 'x',
    title: 'JoinTokenExpired',
    status,
    detail: 'The join token expired.',
    next: 'Make a new one.',
  })

/** Answers the requests with these answers in order, and repeats the last one. */
async function makeServer(...answers: Answer[]) {
  const requests: EnrolRequest[] = []
  const paths: string[] = []
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    let text = ''
    for await (const chunk of request) text += chunk
    requests.push(enrolRequestSchema.parse(JSON.parse(text)))
    paths.push(request.url ?? '')
    answers[Math.min(requests.length, answers.length) - 1]?.(response, request)
  }
  const server = createServer((request, response) => void take(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, paths }
}

function enrolAt(server: string, signal?: AbortSignal) {
  const clock = createManualClock()
  const lines: string[] = []
  const result = enrol({
    server,
    token: 'ct_secret',
    privateKey,
    name: 'web-1',
    tags: { env: 'prod' },
    facts: makeSimulatedFacts(1, 1, 'web-1', '1.0.0'),
    clock,
    random: () => 0,
    log: createLogger({ level: 'debug', format: 'text', write: (line) => lines.push(line), now: () => 0 }),
    ...(signal === undefined ? {} : { signal }),
  })
  return { result, clock, lines }
}

/** Advances the clock while the enrolment waits for its next attempt. */
async function retried<Value>({
  result,
  clock,
}: {
  result: Promise<Value>
  clock: ReturnType<typeof createManualClock>
}) {
  let isDone = false
  void Promise.allSettled([result]).then(() => {
    isDone = true
  })
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve))
    const [dueAt] = clock.dueAt()
    if (dueAt !== undefined) await clock.advance(dueAt - clock.now())
  }
  return result
}

test('the request proves possession of the key for the token', async () => {
  const { url, requests, paths } = await makeServer(enrolled)
  expect(await enrolAt(`${url}/base/`).result).toBe(instanceId)
  expect(paths).toEqual([`/base${agentPaths.enrol}`])
  const [request] = requests
  expect(request).toMatchObject({ token: 'ct_secret', name: 'web-1', tags: { env: 'prod' } })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  expect(Buffer.from(request?.publicKey ?? '', 'base64')).toEqual(spki.subarray(-32))
  const proof = Buffer.from(request?.proof ?? '', 'base64')
  expect(verify(null, Buffer.from(enrolProof('ct_secret')), createPublicKey(privateKey), proof)).toBe(true)
})

test('temporary errors are retried with the same key: 5xx, 429, a lost answer, half an answer', async () => {
  const { url, requests } = await makeServer(
    problem(503),
    json(429, {}),
    (response) => response.destroy(),
    (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"inst')
      response.destroy()
    },
    json(500, 'x'),
    enrolled,
  )
  const attempt = enrolAt(url)
  expect(await retried(attempt)).toBe(instanceId)
  expect(requests).toHaveLength(6)
  expect(new Set(requests.map(({ publicKey }) => publicKey)).size).toBe(1)
  expect(attempt.lines.join('')).toContain('503: The join token expired. Make a new one.; trying again in 1.0 s')
  expect(attempt.lines.join('')).not.toContain('ct_secret')
})

test.each([400, 401, 403, 409])('a refusal (%i) ends the enrolment with the message of the server', async (status) => {
  const { url, requests } = await makeServer(problem(status))
  const { result } = enrolAt(url)
  await expect(result).rejects.toThrow(OperatorError)
  await expect(result).rejects.toThrow(`(${status}): The join token expired. Make a new one.`)
  expect(requests).toHaveLength(1)
})

const strangers: [string, Answer][] = [
  ['a page', (response) => response.writeHead(200).end('<html>')],
  ['another id', json(200, { instanceId: 'web-1' })],
  ['a redirect', (response) => response.writeHead(302, { location: '/login' }).end()],
]
test.each(strangers)(
  'a server that answers with %s is probably not a Chandler server, and the error says so',
  async (_, answer) => {
    const { url } = await makeServer(answer)
    const { result } = enrolAt(url)
    await expect(result).rejects.toThrow(OperatorError)
    await expect(result).rejects.toThrow(/is it a Chandler server\?/)
  },
)

test('an endless answer is not read to its end', async () => {
  const { url } = await makeServer((response) => response.writeHead(200).end('x'.repeat(1024 * 1024)), enrolled)
  expect(await retried(enrolAt(url))).toBe(instanceId)
})

test('stops during a delay and during a request', async () => {
  const asking = new AbortController()
  const silent = await makeServer(() => asking.abort())
  await expect(enrolAt(silent.url, asking.signal).result).rejects.toMatchObject({ name: 'AbortError' })

  const waiting = new AbortController()
  const busy = await makeServer(problem(503))
  const { result, clock } = enrolAt(busy.url, waiting.signal)
  await expect.poll(() => clock.dueAt()).toHaveLength(1)
  waiting.abort()
  await expect(result).rejects.toMatchObject({ name: 'AbortError' })
})
