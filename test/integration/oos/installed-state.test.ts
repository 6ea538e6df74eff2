/** The installed state of instances, read and reported through the official clients. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parsePolicy } from '../../../src/core/access/parse-policy.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { findOperation, runOperation } from '../../../src/server/oos/run-operation.ts'
import { actor } from '../control-plane/control-plane.ts'
import { type CallOos, clientNames, type OosAnswer } from './clients.ts'
import { makeExecutionCalls } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

let oos: OosPlane
let call: CallOos
let calls: ReturnType<typeof makeExecutionCalls>
let id: InstanceId

beforeAll(async () => {
  oos = await startOosPlane()
  call = oos.call
  calls = makeExecutionCalls(call)
  for (const name of ['demo', 'demo-b', 'demo-c']) await oos.plane.makeExtension(name)
  const Content = JSON.stringify({
    FormatVersion: 'OOS-2019-06-01-Package',
    Packages: [{ OSType: 'windows', Architecture: 'x86_64', InstallScript: 'exit 0' }],
  })
  await call('CreateTemplate', { TemplateName: 'for-windows', Content })
})
afterAll(() => oos.stop())
beforeEach(async () => {
  id = (await oos.plane.enrol(1))[0] as InstanceId
})

const report = (parameters: Record<string, string | undefined> = {}, client = call) =>
  client('UpdateInstancePackageState', {
    InstanceId: id,
    TemplateName: 'demo',
    ConfigureAction: 'install',
    ...parameters,
  })
const list = async (parameters: Record<string, string> = {}, client = call): Promise<OosAnswer[]> =>
  (await client('ListInstancePackageStates', { InstanceId: id, ...parameters })).PackageStates
const namesOf = (states: readonly OosAnswer[]) => states.map(({ TemplateName }) => TemplateName)
const audited = async () =>
  (
    await oos.plane.db.pool.query(
      `select actor, detail from audit_log where action = 'TellInstalledState' and resource = $1 order by id`,
      [`instance/${id}`],
    )
  ).rows

test.each(clientNames)('%s reports what an instance has, reads it, and revokes it', async (name) => {
  const client = oos.clients[name]
  const Parameters = JSON.stringify({ port: '9090', token: 'very-secret' })
  // As templates write it.
  const reported = await report({ ConfigureAction: 'Install', TemplateVersion: 'v1', Parameters }, client)
  expect(reported).toEqual({ RequestId: expect.any(String) })
  const answer = await client('ListInstancePackageStates', { InstanceId: id, MaxResults: 10 })
  expect(answer).toEqual({
    RequestId: expect.any(String),
    MaxResults: '10',
    NextToken: '',
    PackageStates: [
      {
        TemplateId: expect.stringMatching(/^t-[0-9a-f]{20}$/),
        TemplateName: 'demo',
        TemplateVersion: 'v1',
        TemplateVersionName: '',
        TemplateCategory: 'Package',
        Description: '',
        Publisher: 'default',
        Parameters: '{"port":9090}',
        UpdateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    ],
  })
  expect(answer.PackageStates[0].TemplateId).toBe(
    (await client('GetTemplate', { TemplateName: 'demo' })).Template.TemplateId,
  )
  await report({ ConfigureAction: 'UnInstall', TemplateVersion: 'v1', Parameters }, client)
  expect(await list({}, client)).toEqual([])
  const detail = (action: string) => ({ actor: 'admin', detail: { action, extension: 'demo', version: 'v1' } })
  expect(await audited()).toEqual([detail('install'), detail('uninstall')])
})

describe('the states of an instance', () => {
  test('are paginated, or selected by name', async () => {
    for (const TemplateName of ['demo-c', 'demo', 'demo-b']) await report({ TemplateName })
    const first = await call('ListInstancePackageStates', { InstanceId: id, MaxResults: 2 })
    expect(namesOf(first.PackageStates)).toEqual(['demo', 'demo-b'])
    expect(namesOf(await list({ NextToken: first.NextToken }))).toEqual(['demo-c'])
    expect(namesOf(await list({ TemplateNames: '["demo-c","for-windows","demo"]' }))).toEqual(['demo', 'demo-c'])
  })

  test('contain the results of executions, and nothing that is broken', async () => {
    const { ExecutionId } = await calls.start([id])
    await oos.plane.end(await oos.plane.takeWork([id], 1))
    await oos.plane.untilStatus(ExecutionId as ExecutionId, 'Success')
    expect(namesOf(await list())).toEqual(['demo'])
    await oos.plane.db.pool.query(`update installed_states set status = 'broken' where instance_id = $1`, [id])
    expect(await list()).toEqual([])
  })
})

describe('a reported state', () => {
  test('applies to the next execution: there is nothing to do', async () => {
    await report({ Parameters: '{"port":9090}' })
    const { ExecutionId } = await calls.start([id], { parameters: { port: 9090 } })
    await oos.plane.untilStatus(ExecutionId as ExecutionId, 'Success')
    const [, , task] = await calls.listTasks(ExecutionId)
    expect(task).toMatchObject({ Status: 'Success', StatusReason: 'AlreadyAsWanted' })
  })

  test("is removed with its reported values, also the secret ones, and then the agent's record counts again", async () => {
    await report({ Parameters: '{"port":9090,"token":"very-secret"}' })
    const { ExecutionId } = await calls.start([id], { action: 'uninstall' })
    await oos.plane.untilStatus(ExecutionId as ExecutionId, 'Running')
    const work = (await handOutWork(oos.plane.context, [id])).get(id)?.invocations ?? []
    expect(JSON.stringify(work)).toContain('very-secret')
    expect(JSON.stringify(work)).toContain('9090')
    // Its end reports the first version as installed, by a configuration c1.
    await oos.plane.end(work.map((invocation) => ({ instanceId: id, invocationId: invocation.id })))
    await oos.plane.untilStatus(ExecutionId as ExecutionId, 'Success')
    expect(await list()).toMatchObject([{ TemplateName: 'demo', TemplateVersion: 'v1' }])
  })

  test('is recorded once if reported twice', async () => {
    await report()
    const [before] = await list()
    await report()
    expect(await list()).toEqual([before])
    await report({ ConfigureAction: 'uninstall' })
    await report({ ConfigureAction: 'uninstall' })
    expect(await audited()).toHaveLength(2)
  })

  test('prevents the deletion of its template', async () => {
    await oos.plane.makeExtension('reported')
    await report({ TemplateName: 'reported' })
    expect(await calls.errorOf('DeleteTemplate', { TemplateName: 'reported' })).toBe('TemplateInUse')
    await report({ TemplateName: 'reported', ConfigureAction: 'uninstall' })
    await call('DeleteTemplate', { TemplateName: 'reported' })
  })
})

describe('no change by', () => {
  test.each<[string, string, Record<string, string>]>([
    ['a version that does not fit', 'InvalidParameter', { TemplateName: 'for-windows' }],
    ['a version that is not there', 'EntityNotExists.TemplateVersion', { TemplateVersion: 'v9' }],
    [
      'a version that is not there, of what is gone',
      'EntityNotExists.TemplateVersion',
      { TemplateVersion: 'v9', ConfigureAction: 'uninstall' },
    ],
    ['a template that is not there', 'EntityNotExists.Template', { TemplateName: 'nothing' }],
    [
      'a template that is not there, and gone',
      'EntityNotExists.Template',
      { TemplateName: 'nothing', ConfigureAction: 'uninstall' },
    ],
    ['an instance that is not there', 'EntityNotExists.Instance', { InstanceId: 'i-nothing' }],
    ['an unknown value', 'InvalidParameter', { Parameters: '{"colour":"red"}' }],
    ['a value of another type', 'InvalidParameter', { Parameters: '{"port":"many"}' }],
    ['values that are no object', 'InvalidParameter', { Parameters: '[1]' }],
    ['another action', 'InvalidParameter', { ConfigureAction: 'upgrade' }],
    ['no action', 'MissingParameter', { ConfigureAction: '' }],
    ['what a console would show', 'InvalidParameter', { ConfigurationInfo: '{"publicUrl":"https://a.example"}' }],
  ])('%s', async (_, code, parameters) => {
    const rows = () => oos.plane.db.database.selectFrom('installed_states').selectAll().execute()
    const before = await rows()
    const request = { InstanceId: id, TemplateName: 'demo', ConfigureAction: 'install', ...parameters }
    expect(await calls.errorOf('UpdateInstancePackageState', request)).toBe(code)
    expect(await rows()).toEqual(before)
    expect(await audited()).toEqual([])
  })

  test('a request about a missing instance, or with a token of another list', async () => {
    const errorOf = (parameters: Record<string, string>) => calls.errorOf('ListInstancePackageStates', parameters)
    expect(await errorOf({ InstanceId: 'i-nothing' })).toBe('EntityNotExists.Instance')
    expect(await errorOf({})).toBe('MissingParameter')
    const NextToken = Buffer.from('["ListActions","a"]').toString('base64url')
    expect(await errorOf({ InstanceId: id, NextToken })).toBe('InvalidParameter')
  })
})

describe('a user who may', () => {
  const received: string[] = []
  const as = (Action: string | string[], Resource: string[]) => (name: string, parameters: Record<string, string>) => {
    const parsed = parsePolicy({ Version: '1', Statement: [{ Effect: 'Allow', Action, Resource }] })
    if ('problems' in parsed) throw new Error('the test has a policy that is none')
    const policies = [{ name: 'of-the-test', document: parsed.document }]
    const context = { ...oos.plane.context, changed: (what: readonly string[]) => void received.push(...what) }
    const call = { context, actor: { ...actor, policies }, endpoint: 'chandler.example' }
    return runOperation(findOperation(name), call, new Map(Object.entries({ InstanceId: id, ...parameters })))
  }
  const refused = expect.objectContaining({ code: 'AccessDenied' })

  test('read some templates does not read the others', async () => {
    const may = as(
      ['oos:ListInstancePackageStates', 'ecs:DescribeInstances'],
      ['acs:oos:*:*:template/demo', 'acs:ecs:*:*:instance/*'],
    )
    await may('ListInstancePackageStates', { TemplateNames: '["demo"]' })
    await expect(may('ListInstancePackageStates', { TemplateNames: '["demo","demo-b"]' })).rejects.toEqual(refused)
    await expect(may('ListInstancePackageStates', {})).rejects.toEqual(refused)
  })

  test('report states of one template reports none of another', async () => {
    const may = as('oos:UpdateInstancePackageState', ['acs:oos:*:*:template/demo', 'acs:oos:*:*:instance/*'])
    await may('UpdateInstancePackageState', { TemplateName: 'demo', ConfigureAction: 'install' })
    const other = { TemplateName: 'demo-b', ConfigureAction: 'install' }
    await expect(may('UpdateInstancePackageState', other)).rejects.toEqual(refused)
    expect(namesOf(await list())).toEqual(['demo'])
    // Clients that show the instances reload them.
    expect(received).toContain('instances/default')
  })
})
