/**
 * All possible errors of a script, through the official clients: the error code is the expected
 * one, and nothing is changed.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ExecutionId } from '../../../src/core/id.ts'
import { setAccessKeyEnabled } from '../../../src/server/app/access/key/set-access-key-enabled.ts'
import { actor } from '../control-plane/control-plane.ts'
import { type CallOos, type ClientName, clientNames, makeClients } from './clients.ts'
import { makeExecutionCalls, temporaryUrlTemplate } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

type Clients = Readonly<Record<ClientName, CallOos>>

let oos: OosPlane
let key: { readonly id: string; readonly secret: string }
let disabledKey: typeof key
/** Has ended, and left `demo` installed. */
let executionId: string

beforeAll(async () => {
  oos = await startOosPlane()
  key = await oos.makeKey()
  disabledKey = await oos.makeKey()
  await setAccessKeyEnabled(oos.plane.context, actor, disabledKey.id, false)
  for (const name of ['demo', 'free']) await oos.plane.makeExtension(name)
  const ids = await oos.plane.enrol(1)
  executionId = (await makeExecutionCalls(oos.call).start(ids)).ExecutionId
  await oos.plane.end(await oos.plane.takeWork(ids, 1))
  await oos.plane.untilStatus(executionId as ExecutionId, 'Success')
})
afterAll(() => oos.stop())
afterEach(() => {
  oos.aheadMs = 0
})

const tables = [
  'extensions',
  'extension_versions',
  'executions',
  'task_executions',
  'installed_states',
  'favorite_templates',
  'service_settings',
  'audit_log',
] as const
/** The audit log has a separate entry for a request with wrong credentials. */
const readRows = async () => {
  const found = await Promise.all(tables.map((table) => oos.plane.db.database.selectFrom(table).selectAll().execute()))
  return found.map((rows) => rows.filter((row) => !('action' in row) || row.action !== 'AuthenticationFailed'))
}

const errorOf = (answer: Promise<unknown>) =>
  answer.then(
    () => ({ code: 'no error', message: '' }),
    (error: { code: string; message: string }) => error,
  )

const configuration = { OSType: 'linux', Architecture: 'x86_64', InstallScript: 'true' }
const Content = JSON.stringify({ FormatVersion: 'OOS-2019-06-01-Package', Packages: [configuration] })
const laughs = 'bcdefghij'
  .split('')
  .reduce(
    (text, name, n) => `${text}\n${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[n]}`).join(', ')}]`,
    'a: &a [x, x, x, x, x, x, x, x, x]',
  )
const foreignToken = Buffer.from(JSON.stringify(['ListTemplates', 'demo'])).toString('base64url')

interface Mistake {
  readonly action?: string
  readonly parameters?: Readonly<Record<string, string>>
  /** Other parameters than those of the right key and version. */
  readonly clients?: () => Clients
  readonly aheadMs?: number
  /** In the message, where several errors share one code. */
  readonly says?: string
}

/** Signed by a user without permission: it would delete unused ones. */
const deleteFree = { action: 'DeleteTemplate', parameters: { TemplateName: 'free' } }
const create = (parameters: Readonly<Record<string, string>>, says = ''): Mistake => ({
  says,
  action: 'CreateTemplate',
  parameters: { TemplateName: 'x', Content, ...parameters },
})

const mistakes: Readonly<Record<string, readonly [code: string, Mistake]>> = {
  'an unknown action': ['InvalidAction.NotFound', { action: 'CreateTemplates', parameters: { TemplateName: 'x' } }],
  'an action that is not planned': ['InvalidAction.NotFound', { action: 'CreatePatchBaseline' }],
  'an unknown version': ['InvalidVersion', { ...deleteFree, clients: () => makeClients(oos.url, key, '2014-05-26') }],
  'an unknown parameter': ['InvalidParameter', create({ Colour: 'red' }, 'Colour')],
  'a wrong signature': [
    'SignatureDoesNotMatch',
    { ...deleteFree, clients: () => makeClients(oos.url, { ...key, secret: 'wrong' }) },
  ],
  'an unknown key': [
    'InvalidAccessKeyId.NotFound',
    { ...deleteFree, clients: () => makeClients(oos.url, { ...key, id: 'nobody' }) },
  ],
  'a disabled key': [
    'InvalidAccessKeyId.Inactive',
    { ...deleteFree, clients: () => makeClients(oos.url, disabledKey) },
  ],
  'an old timestamp': ['InvalidTimeStamp.Expired', { ...deleteFree, aheadMs: 15 * 60_000 + 5_000 }],
  'a timestamp to come': ['InvalidTimeStamp.Expired', { ...deleteFree, aheadMs: -15 * 60_000 - 5_000 }],
  'content over 64 KiB': [
    'InvalidParameter',
    create({ Content: Content + ' '.repeat(65_537 - Content.length) }, '65536'),
  ],
  'content that is neither JSON nor YAML': ['InvalidTemplate', create({ Content: '{"a": ]' }, 'it is not JSON')],
  'content of a billion laughs': ['InvalidTemplate', create({ Content: laughs }, 'Excessive alias count')],
  'a reserved name': ['InvalidParameter', create({ TemplateName: 'Aliyun-x' }, 'reserved')],
  'a name of 201 letters': ['InvalidParameter', create({ TemplateName: 'a'.repeat(201) }, '200 characters')],
  'a name with other letters': ['InvalidParameter', create({ TemplateName: 'a.b' }, 'holds "."')],
  'a name that is taken': ['EntityAlreadyExists.Template', create({ TemplateName: 'demo' })],
  'no name': ['MissingParameter', create({ TemplateName: '' }, 'TemplateName')],
  'MaxResults 0': [
    'InvalidParameter',
    { action: 'ListTemplates', parameters: { MaxResults: '0' }, says: 'MaxResults' },
  ],
  'MaxResults 101': [
    'InvalidParameter',
    { action: 'ListExecutions', parameters: { MaxResults: '101' }, says: 'MaxResults' },
  ],
  'MaxResults that is no number': [
    'InvalidParameter',
    { action: 'ListActions', parameters: { MaxResults: '1e1' }, says: 'MaxResults' },
  ],
  'a NextToken of another operation': [
    'InvalidParameter',
    { action: 'ListExecutions', parameters: { NextToken: foreignToken } },
  ],
  'a NextToken that nobody gave': ['InvalidParameter', { action: 'ListActions', parameters: { NextToken: 'MTIz' } }],
  'deleting what is installed': ['TemplateInUse', { ...deleteFree, parameters: { TemplateName: 'demo' } }],
  'deleting what is installed, with others': [
    'TemplateInUse',
    { action: 'DeleteTemplates', parameters: { TemplateNames: '["free","demo"]' } },
  ],
  'notifying what has ended': [
    'IncorrectExecutionStatus',
    { action: 'NotifyExecution', parameters: { NotifyType: 'Approve' } },
  ],
  'cancelling what has ended': ['IncorrectExecutionStatus', { action: 'CancelExecution', parameters: {} }],
  'starting what is not there': [
    'EntityNotExists.Template',
    { action: 'StartExecution', parameters: { TemplateName: 'ACS-ECS-Nothing' } },
  ],
  'starting without saying where': [
    'MissingParameter',
    {
      action: 'StartExecution',
      parameters: { TemplateName: 'ACS-ECS-BulkyRunCommand', Parameters: '{"commandContent":"true"}' },
    },
  ],
  'starting with nobody meant': [
    'InvalidParameter',
    {
      action: 'StartExecution',
      parameters: { TemplateName: temporaryUrlTemplate, Parameters: '{"packageName":"demo"}' },
    },
  ],
}

const aboutExecutions = new Set(['NotifyExecution', 'CancelExecution'])

describe('refused requests change nothing:', () => {
  test.each(Object.entries(mistakes))(
    '%s',
    async (_, [code, { action = '', parameters = {}, clients, aheadMs = 0, says = '' }]) => {
      const named = aboutExecutions.has(action) ? { ...parameters, ExecutionId: executionId } : parameters
      const before = await readRows()
      oos.aheadMs = aheadMs
      // One client of each of the three: signature version 1, and version 3 with a query and with a
      // form.
      for (const name of ['pop-core GET', 'openapi-client V3 form', 'openapi-core'] as const) {
        const error = await errorOf((clients?.() ?? oos.clients)[name](action, named))
        expect([name, error.code]).toEqual([name, code])
        expect(error.message).toContain(says)
      }
      expect(await readRows()).toEqual(before)
    },
  )
})

describe('a used nonce', () => {
  /**
   * A man in the middle that sends every request twice, and returns the second answer to the
   * client.
   */
  let echo: Server
  let clients: Clients

  beforeAll(async () => {
    echo = createServer((incoming, outgoing) => void sendTwice(incoming, outgoing))
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    clients = makeClients(`http://127.0.0.1:${(echo.address() as AddressInfo).port}`, key)
  })
  afterAll(() => new Promise((resolve) => echo.close(resolve)))

  async function sendTwice(incoming: IncomingMessage, outgoing: ServerResponse) {
    const body = await buffer(incoming)
    await send(incoming, body)
    const answer = await send(incoming, body)
    outgoing.writeHead(answer.statusCode ?? 0, answer.headers).end(await buffer(answer))
  }

  const send = ({ method, url = '/', rawHeaders }: IncomingMessage, body: Buffer) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const to = request(oos.url + url, { method, headers: rawHeaders as never }, resolve)
      to.once('error', reject).end(body)
    })

  test.each(clientNames)('%s gets the error, and its request is done once', async (name) => {
    const versions = async () =>
      (await oos.call('ListTemplateVersions', { TemplateName: 'free' })).TemplateVersions.length
    const before = await versions()
    const { code } = await errorOf(clients[name]('UpdateTemplate', { TemplateName: 'free', Content }))
    expect(code).toBe('SignatureNonceUsed')
    expect(await versions()).toBe(before + 1)
  })
})
