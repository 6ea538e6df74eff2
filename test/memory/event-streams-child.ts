// Browsers that follow the lists and an execution, over real HTTP. A round is one change, which
// every stream sends as an event.
import { request } from 'node:http'
import { createDatabase, createPool } from '../../src/store/database/database.ts'
import { admin, basic, makeEnrolment, startTestApi } from '../integration/registry/test-api.ts'
import { printBytesPerRound } from './bytes-per-round.ts'

const listStreams = 40
const executionStreams = 5

const pool = createPool(JSON.parse(process.argv[2] ?? ''), (error) => {
  throw error
})
const api = await startTestApi(createDatabase(pool))
const { body: token } = await api.call('POST', '/api/v1/join-tokens', {})
await api.call('POST', '/agent/v1/enrol', makeEnrolment(token.token), null)
await api.call('POST', '/api/v1/extensions', {
  name: 'demo',
  configurations: [{ os: 'linux', scripts: { install: 'true' } }],
})
const wanted = { action: 'install', extension: 'demo', targets: { kind: 'all' } }
const id: string = (await api.call('POST', '/api/v1/executions', wanted)).body.id

/** Of each stream. */
const events: number[] = []
let received = () => {}
function follow(path: string, event: RegExp): void {
  const index = events.push(0) - 1
  const stream = request(api.url + path, { headers: { authorization: basic(admin) } }, (response) => {
    response.setEncoding('utf8').on('data', (text: string) => {
      events[index] = (events[index] ?? 0) + (text.match(event)?.length ?? 0)
      received()
    })
  })
  stream.end()
}
/**
 * Time advances until every stream has sent one more event: some may still have been sending when
 * the change came.
 */
async function allReceive(change: () => Promise<void>): Promise<void> {
  const wantedCounts = events.map((count) => count + 1)
  await change()
  while (events.some((count, index) => count < (wantedCounts[index] ?? 0))) {
    const news = new Promise<void>((resolve) => {
      received = resolve
    })
    await api.clock.advance(1_000)
    await Promise.race([news, new Promise((resolve) => setImmediate(resolve))])
  }
}

await allReceive(async () => {
  for (let n = 0; n < listStreams; n++) follow('/api/v1/events', /event: changed/g)
  for (let n = 0; n < executionStreams; n++) follow(`/api/v1/executions/${id}/events`, /event: execution/g)
})
await printBytesPerRound(60, () =>
  allReceive(async () => {
    await pool.query('update executions set revision = revision + 1 where id = $1', [id])
    api.changed([id, 'instances/default'])
  }),
)
process.exit()
