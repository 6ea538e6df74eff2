import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { documentOf, makeUser, succeed } from './access-users.ts'
import { admin, basic, makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

let db: TestDatabase
let api: TestApi
let id: string
let instanceId: string
let reader: string

interface Event {
  readonly id: string
  readonly name: string
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in it is what a test looks at
  readonly data: any
}

const opened: AbortController[] = []
// Also after a test that failed half-way: the API waits for its streams.
afterEach(() => opened.splice(0).forEach((stop) => stop.abort()))

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  const { token } = await succeed(api, 'POST', '/api/v1/join-tokens', {})
  instanceId = (await succeed(api, 'POST', '/agent/v1/enrol', makeEnrolment(token))).instanceId
  const configurations = [{ os: 'linux', scripts: { install: 'true' } }]
  await succeed(api, 'POST', '/api/v1/extensions', { name: 'demo', configurations })
  id = (
    await succeed(api, 'POST', '/api/v1/executions', {
      action: 'install',
      extension: 'demo',
      targets: { kind: 'all' },
    })
  ).id
  await db.pool.query(
    `insert into invocations (id, execution_id, ordinal, attempt, account_id, instance_id, state, deadline_at, timeout_ms)
     select 'inv-a-1-1', execution_id, ordinal, 1, account_id, instance_id, 'installing', now() + interval '1 hour', 1000
     from task_executions where execution_id = $1`,
    [id],
  )
  reader = await makeUser(api, 'reader')
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

async function open(topics: readonly string[], headers: Record<string, string> = { authorization: basic(admin) }) {
  const stop = new AbortController()
  opened.push(stop)
  const query = topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join('&')
  const response = await fetch(`${api.url}/api/v1/streams?${query}`, { headers, signal: stop.signal })
  return { response, events: readEvents(response) }
}

async function* readEvents(response: Response): AsyncGenerator<Event> {
  let text = ''
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    const whole = (text + piece).split('\n\n')
    text = whole.pop() ?? ''
    for (const event of whole) {
      const [, eventId = '', name = '', data = ''] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(event) ?? []
      if (name !== '') yield { id: eventId, name, data: JSON.parse(data) }
    }
  }
}

/** Reads until events of all these names have arrived. */
async function readUntil(events: AsyncGenerator<Event>, ...names: readonly string[]): Promise<Event[]> {
  const read: Event[] = []
  while (!names.every((name) => read.some((event) => event.name === name))) {
    const { value, done } = await events.next()
    if (done) throw new Error(`the stream ended after ${read.map(({ name }) => name).join(', ')}`)
    read.push(value)
  }
  return read
}

const print = (startByte: number, text: string) =>
  db.pool.query(
    `insert into output_chunks (invocation_id, stream, start_byte, at, data) values ('inv-a-1-1', 1, $1, now(), $2)`,
    [startByte, Buffer.from(text)],
  )

test('several topics share one connection, and each continues at its own cursor', async () => {
  await print(0, 'one')
  const topics = ['lists', `execution/${id}@0`, `output/${id}/${instanceId}`]
  const first = await readUntil((await open(topics)).events, 'changed', 'tasks', 'output')
  const ofTopic = (events: readonly Event[], name: string) => events.find((event) => event.name === name)!
  expect(ofTopic(first, 'changed').id).toBe('lists')
  expect(ofTopic(first, 'execution').data.id).toBe(id)
  expect(ofTopic(first, 'output').data[0]).toMatchObject({ invocationId: 'inv-a-1-1', offset: 0 })

  const places = ['tasks', 'output'].map((name) => ofTopic(first, name).id)
  expect(places).toEqual([
    expect.stringMatching(`^execution/${id}@\\d+-\\d+$`),
    `output/${id}/${instanceId}@inv-a-1-1:1:3`,
  ])
  await print(3, 'two')
  const again = await readUntil((await open([...places, 'lists@now'])).events, 'execution', 'output')
  expect(again.filter(({ name }) => name === 'tasks' || name === 'changed')).toEqual([])
  expect(ofTopic(again, 'output').data.map(({ offset }: { offset: number }) => offset)).toEqual([3])
})

test('a refused topic gets an event, and the others continue', async () => {
  const policy = documentOf({
    Effect: 'Allow',
    Action: 'oos:ListExecutionLogs',
    Resource: `acs:oos:*:*:execution/${id}`,
  })
  await succeed(api, 'POST', '/api/v1/policies', { name: 'logs', document: policy })
  await succeed(api, 'PUT', '/api/v1/users/reader/policies/logs')
  const topics = ['lists', `execution/${id}`, `output/${id}`, 'output/exec-other', `output/${id}/i-nothing`]
  const { events } = await open(topics, { authorization: reader })
  const read = []
  while (new Set(read.map((event: Event) => event.id.split('@')[0])).size < 4) read.push((await events.next()).value!)
  const refused = read.filter(({ name }) => name === 'refused')
  expect(new Map(refused.map((event) => [event.id, event.data.code]))).toEqual(
    new Map([
      [`execution/${id}`, 'AccessDenied'],
      ['output/exec-other', 'AccessDenied'],
    ]),
  )
  // The reason is that of the topic's own route.
  const own = await api.call('GET', `/api/v1/executions/${id}/events`, undefined, reader)
  expect(refused.find((event) => event.id === `execution/${id}`)?.data.detail).toBe(own.body.detail)

  await print(6, 'three')
  api.changed([id])
  await api.clock.advance(2_000)
  expect((await readUntil(events, 'output')).at(-1)?.id).toMatch(`output/${id}@`)

  // Permissions are checked again while the stream is open.
  await succeed(api, 'DELETE', '/api/v1/users/reader/policies/logs')
  await api.clock.advance(15_000)
  const ended = [(await readUntil(events, 'refused')).at(-1), (await readUntil(events, 'refused')).at(-1)]
  expect(new Map(ended.map((event) => [event!.id, event!.data.code]))).toEqual(
    new Map([
      [`output/${id}`, 'AccessDenied'],
      [`output/${id}/i-nothing`, 'AccessDenied'],
    ]),
  )
})

test('a missing execution is refused as such', async () => {
  const { events } = await open(['execution/exec-none', 'output/exec-none'])
  const read = [(await events.next()).value, (await events.next()).value]
  expect(read.map((event) => event!.data.code)).toEqual(['ExecutionNotFound', 'ExecutionNotFound'])
  expect((await events.next()).done).toBe(true)
})

test.each([
  ['none', []],
  ['an unknown kind', ['instances']],
  ['one twice', ['lists', 'lists@now']],
  ['too many', Array.from({ length: 65 }, (_, n) => `output/exec-${n}`)],
  ['a place that is none', ['execution/exec-1@<script>']],
])('topics are refused: %s', async (_, topics) => {
  const { response } = await open(topics)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ code: 'RequestInvalid', problems: [expect.anything()] })
})

test('a session that ends closes its streams', async () => {
  const key = basic(admin)
  const password = 'qV7-mango-Trellis-49-dune'
  await succeed(api, 'POST', '/api/v1/users', { name: 'eve' })
  expect((await api.call('PUT', '/api/v1/users/eve/password', { password }, key)).status).toBe(204)
  const headers = { 'content-type': 'application/json', 'x-chandler-console': '1', origin: api.url }
  const body = JSON.stringify({ userName: 'eve', password })
  const signedIn = await fetch(`${api.url}/api/v1/session`, { method: 'POST', headers, body })
  const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!
  const { events } = await open(['lists'], { cookie })
  await readUntil(events, 'changed')
  await fetch(`${api.url}/api/v1/session`, { method: 'DELETE', headers: { ...headers, cookie }, body: '{}' })
  await api.clock.advance(15_000)
  expect((await events.next()).done).toBe(true)
})
