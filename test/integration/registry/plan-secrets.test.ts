/**
 * A plan compares secret parameters with the installed ones only for users who may start the
 * execution.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSecretDigests } from '../../../src/server/boot/secret-digests.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { allow, makeUser, succeed } from './access-users.ts'
import { makeEnrolment, startTestApi, type TestApi } from './test-api.ts'

const digests = createSecretDigests(Buffer.alloc(32, 7))
let db: TestDatabase
let api: TestApi
let reader: string
let starter: string
let instance: string

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database)
  const parameters = { port: { type: 'Number', default: 80 }, token: { type: 'String', noEcho: true } }
  const configurations = [{ os: 'linux', scripts: { install: 'true' } }]
  await succeed(api, 'POST', '/api/v1/extensions', { name: 'demo', parameters, configurations })
  const { token } = await succeed(api, 'POST', '/api/v1/join-tokens', {})
  instance = (await succeed(api, 'POST', '/agent/v1/enrol', makeEnrolment(token))).instanceId
  const reading = allow(['oos:GetTemplate', 'ecs:DescribeInstances'])
  reader = await makeUser(api, 'reader', reading)
  starter = await makeUser(api, 'starter', reading, allow('oos:StartExecution'))
  const { id } = await succeed(api, 'POST', '/api/v1/executions', asked({ token: 'hunter2' }))
  // As the report of its agent leaves it.
  await db.pool.query(
    `insert into installed_states (instance_id, extension_id, account_id, status, version, configuration_id, parameters_digest,
       parameters, secret_parameters_sealed, execution_id)
     select $1, extension_id, account_id, 'installed', 1, 'c1', operation ->> 'parametersDigest', operation -> 'parameters',
       secret_parameters_sealed, id from executions where id = $2`,
    [instance, id],
  )
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

const asked = (parameters: object, more: object = {}) => ({
  action: 'install',
  extension: 'demo',
  parameters,
  targets: { kind: 'all' },
  ...more,
})
const plan = async (authorization: string, parameters: object, more: object = {}) => {
  const { status, body } = await api.call('POST', '/api/v1/plans', asked(parameters, more), authorization)
  expect(status).toBe(200)
  const { id: _, ...answer } = body
  return answer
}
const targetOf = (body: { targets: { step: string; reason: string }[] }) => body.targets[0]

test('a user who may start it sees whether a secret differs', async () => {
  expect(targetOf(await plan(starter, { token: 'hunter2' }))).toMatchObject({ step: 'none' })
  expect(targetOf(await plan(starter, { token: 'guess' }))).toMatchObject({
    step: 'update',
    reason: expect.stringContaining('token: changed'),
  })
})

test.each([{}, { port: 81 }, { port: 80 }])(
  'who may not is answered the same for every guess: with %j',
  async (open) => {
    const answers = [
      await plan(reader, { ...open, token: 'hunter2' }),
      await plan(reader, { ...open, token: 'guess' }),
      await plan(reader, { ...open, token: '' }),
    ]
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    const port = 'port' in open ? open.port : 80
    expect(targetOf(answers[0])).toMatchObject({ step: port === 80 ? 'none' : 'update' })
    for (const text of ['hunter2', 'guess', digests.of('{"port":80,"token":"hunter2"}')])
      expect(JSON.stringify(answers)).not.toContain(text)
  },
)

test('another user sees that secrets are not compared', async () => {
  expect(targetOf(await plan(reader, { token: 'hunter2' }))?.reason).toContain(
    'secret parameters are compared only for users who may start it',
  )
})
