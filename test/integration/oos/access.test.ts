/** The errors for users without permission, through an official client. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failedSignInsKeptMs } from '../../../src/core/limits.ts'
import { createManualClock } from '../../../src/lib/manual-clock.ts'
import { operations } from '../../../src/server/oos/operations.ts'
import { startTestDatabase, type TestDatabase } from '../database/postgres.ts'
import { allow, deny, makeUserKey, succeed } from '../registry/access-users.ts'
import { listRows } from '../registry/list-rows.ts'
import { makeEnrolment, startTestApi, type TestApi } from '../registry/test-api.ts'
import { type CallOos, makeClients } from './clients.ts'
import { targetsOf, temporaryUrlTemplate } from './execution-calls.ts'

let db: TestDatabase
let api: TestApi
let instanceId: string

beforeAll(async () => {
  db = await startTestDatabase()
  api = await startTestApi(db.database, createManualClock(Date.now()))
  const { token } = await succeed(api, 'POST', '/api/v1/join-tokens', {})
  instanceId = (await succeed(api, 'POST', '/agent/v1/enrol', makeEnrolment(token))).instanceId
  const parameters = { port: { type: 'Number', default: 80 } }
  const configurations = [{ os: 'linux', scripts: { install: 'true' } }]
  for (const name of ['web-a', 'db-a'])
    await succeed(api, 'POST', '/api/v1/extensions', { name, parameters, configurations })
})
afterAll(async () => {
  await api.close()
  await db.stop()
})

const signedAs = async (name: string, ...statements: object[]): Promise<CallOos> =>
  makeClients(api.url, await makeUserKey(api, name, ...statements))['pop-core POST']

/** The refused caller; nothing may have changed except the nonces of the calls. */
async function expectRefusal(call: CallOos, action: string, parameters: Record<string, string> = {}) {
  const { request_nonces: _, ...before } = await listRows(db)
  const answer = await call(action, parameters).then(
    () => undefined,
    (error: { code: string; data: Record<string, unknown> }) => error,
  )
  expect(`${action} ${answer?.code}`).toBe(`${action} NoPermission`)
  const { request_nonces: __, ...after } = await listRows(db)
  expect(after).toEqual(before)
  return answer?.data ?? {}
}

const startOf = (packageName: string, values: object = {}) => ({
  TemplateName: temporaryUrlTemplate,
  Parameters: JSON.stringify({ packageName, targets: targetsOf([instanceId]), ...values }),
})

describe('a refusal has the details that SDKs expose:', () => {
  test('no statement allows it', async () => {
    const data = await expectRefusal(await signedAs('bare'), 'GetTemplate', { TemplateName: 'web-a' })
    expect(data).toMatchObject({
      Code: 'NoPermission',
      Message: expect.stringContaining('user bare is not allowed to perform oos:GetTemplate'),
      AccessDeniedDetail: {
        AuthAction: 'oos:GetTemplate',
        AuthResource: 'acs:oos:default:default:template/web-a',
        AuthPrincipalType: 'SubUser',
        AuthPrincipalDisplayName: 'bare',
        NoPermissionType: 'ImplicitDeny',
        PolicyType: 'AccountLevelIdentityBasedPolicy',
      },
    })
  })

  test('a statement denies it', async () => {
    const denied = await signedAs('denied', allow('oos:*'), deny('oos:Get*', 'acs:oos:*:*:template/db-*'))
    await denied('GetTemplate', { TemplateName: 'web-a' })
    const { AccessDeniedDetail } = await expectRefusal(denied, 'GetTemplate', { TemplateName: 'db-a' })
    expect(AccessDeniedDetail).toMatchObject({ AuthPrincipalDisplayName: 'denied', NoPermissionType: 'ExplicitDeny' })
  })
})

test('the account may have its Alibaba Cloud name: its policies match unchanged', async () => {
  const named = await startTestApi(db.database, createManualClock(Date.now()), { accountName: '1234567890123456' })
  try {
    const own = 'acs:oos:*:1234567890123456:template/web-*'
    const key = await makeUserKey(named, 'migrated', allow('oos:GetTemplate', own), allow('oos:ListTemplates'))
    const call = makeClients(named.url, key)['pop-core POST']
    expect((await call('GetTemplate', { TemplateName: 'web-a' })).Template.TemplateName).toBe('web-a')
    const [listed] = (await call('ListTemplates', { TemplateName: 'web-a' })).Templates
    expect(listed.Publisher).toBe('1234567890123456')
    await expect(call('GetTemplate', { TemplateName: 'db-a' })).rejects.toMatchObject({
      data: { AccessDeniedDetail: { AuthResource: 'acs:oos:default:1234567890123456:template/db-a' } },
    })
    expect((await succeed(named, 'GET', '/api/v1/whoami')).accountId).toBe('1234567890123456')
  } finally {
    await named.close()
  }
})

/** Required parameters of an operation. */
const needed = (): Readonly<Record<string, Record<string, string>>> => {
  const execution = { ExecutionId: 'exec-nothing' }
  const template = { TemplateName: 'web-a' }
  const content = { Content: JSON.stringify({ FormatVersion: 'OOS-2019-06-01', Tasks: [] }) }
  const resources = { ResourceType: 'template', ResourceIds: '["web-a"]' }
  return {
    CancelExecution: execution,
    ChangeResourceGroup: { ResourceType: 'template', ResourceId: 'web-a', NewResourceGroupId: 'other' },
    CreateStateConfiguration: {
      ...template,
      ScheduleType: 'rate',
      ScheduleExpression: '1 hour',
      Targets: '{"Filters":[{"Type":"All"}]}',
    },
    DeleteStateConfigurations: { StateConfigurationIds: '["sc-nothing"]' },
    UpdateStateConfiguration: { StateConfigurationId: 'sc-nothing', Description: 'x' },
    CreateTemplate: { ...template, ...content },
    DeleteExecutions: { ExecutionIds: '["exec-nothing"]' },
    DeleteTemplate: template,
    DeleteTemplates: { TemplateNames: '["web-a"]' },
    GenerateExecutionPolicy: template,
    GetExecutionTemplate: execution,
    GetTemplate: template,
    ListExecutionLogs: execution,
    ListExecutionRiskyTasks: template,
    ListInstancePackageStates: { InstanceId: instanceId },
    ListResourceExecutionStatus: execution,
    ListTagResources: resources,
    ListTagValues: { ResourceType: 'template', Key: 'env' },
    ListTagKeys: { ResourceType: 'template' },
    ListTaskExecutionInvocations: { TaskExecutionId: 'task-nothing' },
    ListTaskExecutions: execution,
    ListTemplateVersions: template,
    NotifyExecution: { ...execution, NotifyType: 'Approve' },
    SetServiceSettings: {},
    StartExecution: startOf('web-a'),
    TagResources: { ...resources, Tags: '{"env":"test"}' },
    TriggerExecution: { ...execution, Type: 'Event', Content: '{}' },
    UntagResources: { ...resources, TagKeys: '["env"]' },
    UpdateExecution: { ...execution, ClientToken: 'x' },
    UpdateInstancePackageState: { InstanceId: instanceId, ...template, ConfigureAction: 'install' },
    UpdateTemplateAttributes: { ...template, IsFavorite: 'true' },
    UpdateTemplate: { ...template, ...content },
    ValidateTemplateContent: content,
  }
}

test('a user without a policy is refused every operation', async () => {
  const bare = await signedAs('nobody')
  expect(operations.length).toBeGreaterThan(20)
  for (const { name } of operations) await expectRefusal(bare, name, needed()[name])
})

/** Every operation as a request of its own; only the answer's status and code. */
async function askAll(
  { url, clock }: Pick<TestApi, 'url' | 'clock'>,
  sign: (parameters: Record<string, string>) => Record<string, string>,
) {
  const answers: Record<string, string> = {}
  for (const { name } of operations) {
    // Otherwise the refusals before would be the reason.
    await clock.advance(failedSignInsKeptMs)
    const parameters = sign({ Action: name, Version: '2019-06-01', Format: 'JSON', ...needed()[name] })
    const response = await fetch(`${url}/`, { method: 'POST', body: new URLSearchParams(parameters) })
    answers[name] = `${response.status} ${((await response.json()) as { Code: string }).Code}`
  }
  return answers
}

test('every operation is refused without credentials, and with false ones', async () => {
  // Its clock advances; the official clients sign with the time of the machine.
  const own = await startTestApi(db.database, createManualClock(Date.now()))
  const { id } = await makeUserKey(api, 'forged', allow('*'))
  const { request_nonces: _, ...before } = await listRows(db)
  const every = (answer: string) => Object.fromEntries(operations.map(({ name }) => [name, answer]))
  expect(await askAll(own, (parameters) => parameters)).toEqual(every('400 MissingParameter'))
  const signed = (AccessKeyId: string) => (parameters: Record<string, string>) => ({
    ...parameters,
    AccessKeyId,
    Signature: 'bm90IGEgc2lnbmF0dXJl',
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: `${AccessKeyId}-${parameters['Action']}`,
    Timestamp: new Date(own.clock.now()).toISOString().replace(/\.\d+/u, ''),
  })
  expect(await askAll(own, signed('AKnothing'))).toEqual(every('404 InvalidAccessKeyId.NotFound'))
  expect(await askAll(own, signed(id))).toEqual(every('400 SignatureDoesNotMatch'))
  await own.close()
  const { request_nonces: __, ...after } = await listRows(db)
  expect(after).toEqual(before)
})

test('a user with a policy for other templates is refused every operation', async () => {
  const narrow = await signedAs(
    'narrow',
    allow(
      ['oos:*', 'ecs:*', 'tag:*', 'resourcemanager:*'],
      ['acs:oos:*:*:template/other-*', 'acs:tag:*:*:template/other-*'],
    ),
  )
  for (const { name } of operations) await expectRefusal(narrow, name, needed()[name])
})

test('a user with read access may call these operations, and no others', async () => {
  const reader = await signedAs('read-only')
  await succeed(api, 'PUT', '/api/v1/users/read-only/policies/AliyunOOSReadOnlyAccess')
  const open: string[] = []
  for (const { name } of operations) {
    const refusal = await reader(name, needed()[name] ?? {}).then(
      () => '',
      (error: { code: string }) => error.code,
    )
    if (refusal !== 'NoPermission') open.push(name)
  }
  const reading = operations
    .map(({ name }) => name)
    .filter((name) => /^(Describe|Generate|Get|List|Validate)/.test(name))
  expect(open.toSorted()).toEqual(reading.toSorted())
  expect(reading).toHaveLength(20)
})

/** Lists of the account: they contain the executions of the user's team, and no templates. */
const listsOfTeam = ['ListExecutions']

test('a user of another team is refused every operation on what this team has', async () => {
  const tags = { tags: { team: 'a' } }
  await succeed(api, 'PATCH', `/api/v1/instances/${instanceId}`, tags)
  const { id } = await succeed(api, 'POST', '/api/v1/executions', {
    action: 'install',
    extension: 'web-a',
    targets: { kind: 'ids', ids: [instanceId] },
  })
  const stranger = await signedAs('stranger', {
    ...allow('*'),
    Condition: { StringEquals: { 'acs:ResourceTag/team': 'b' } },
  })
  for (const { name } of operations.filter((one) => !listsOfTeam.includes(one.name))) {
    const parameters = Object.entries(needed()[name] ?? {}).map(([key, value]) => [
      key,
      value.replace('exec-nothing', id).replace('task-nothing', `task-${id.slice('exec-'.length)}-1`),
    ])
    await expectRefusal(stranger, name, Object.fromEntries(parameters))
  }
  expect((await stranger('ListExecutions', {})).Executions).toEqual([])
  await expectRefusal(stranger, 'ListExecutions', { ExecutionId: id })
})

test('a user with read access reads states, and cannot report any', async () => {
  const reader = await signedAs('reader')
  await succeed(api, 'PUT', '/api/v1/users/reader/policies/AliyunOOSReadOnlyAccess')
  await reader('ListInstancePackageStates', { InstanceId: instanceId })
  const report = { InstanceId: instanceId, TemplateName: 'web-a', ConfigureAction: 'install' }
  await expectRefusal(reader, 'UpdateInstancePackageState', report)
  await expectRefusal(reader, 'StartExecution', startOf('web-a'))
})

describe('a user who may start executions of some extensions', () => {
  let operator: CallOos
  beforeAll(async () => {
    operator = await signedAs(
      'operator',
      allow('oos:StartExecution', `acs:oos:*:*:template/${temporaryUrlTemplate}`),
      allow(
        ['oos:StartExecution', 'oos:GetTemplate', 'oos:UpdateInstancePackageState'],
        ['acs:oos:*:*:template/web-*', 'acs:oos:*:*:instance/*'],
      ),
      allow(['ecs:Describe*', 'oss:GetObject', 'tag:*', 'resourcemanager:*']),
    )
  })

  test('starts these', async () => {
    const { Execution } = await operator('StartExecution', startOf('web-a'))
    expect(Execution).toMatchObject({ ExecutedBy: 'operator', TemplateName: temporaryUrlTemplate })
  })

  test('starts no other, nor executions that another template starts', async () => {
    await expectRefusal(operator, 'StartExecution', startOf('db-a'))
    const command = { commandContent: 'true', targets: targetsOf([instanceId]) }
    const TemplateName = 'ACS-ECS-BulkyRunCommand'
    await expectRefusal(operator, 'StartExecution', { TemplateName, Parameters: JSON.stringify(command) })
  })

  test('cannot find out about others from validation errors', async () => {
    const whole = await expectRefusal(operator, 'StartExecution', startOf('db-a'))
    for (const parameters of [
      startOf('nothing'),
      startOf('db-a', { packageVersion: 'v9' }),
      startOf('db-a', { parameters: { port: 'many' } }),
      startOf('db-a', { parameters: { colour: 'red' } }),
      startOf('db-a', { action: 'uninstall', packageVersion: 'v9' }),
    ]) {
      const { AccessDeniedDetail } = await expectRefusal(operator, 'StartExecution', parameters)
      expect(AccessDeniedDetail).toMatchObject({
        AuthAction: (whole.AccessDeniedDetail as { AuthAction: string }).AuthAction,
      })
    }
  })
})
