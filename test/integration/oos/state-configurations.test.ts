/** State configurations are assignments: both APIs see the same objects. Through the official client. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { putAssignment, readAssignments } from '../../../src/server/app/assignment/assignments.ts'
import { createGroup, readGroups } from '../../../src/server/app/instance/groups.ts'
import { actor } from '../control-plane/control-plane.ts'
import type { CallOos } from './clients.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

let oos: OosPlane
let call: CallOos

const content = {
  FormatVersion: 'OOS-2019-06-01-Package',
  Parameters: { port: { Type: 'Number', Default: 8080 }, token: { Type: 'String', Default: '', NoEcho: true } },
  Packages: [{ OSType: 'linux', InstallScript: '#!/bin/sh\ntrue\n', UninstallScript: '#!/bin/sh\ntrue\n' }],
}
const byTag = (value: string) =>
  JSON.stringify({
    ResourceType: 'ALIYUN::ECS::Instance',
    Filters: [{ Type: 'Tags', Tags: [{ Key: 'role', Value: value }] }],
  })
const wanted = {
  TemplateName: 'demo',
  ScheduleType: 'rate',
  ScheduleExpression: '1 hour',
  Targets: byTag('web'),
  Parameters: JSON.stringify({ port: '9000', token: 'hidden' }),
}

beforeAll(async () => {
  oos = await startOosPlane()
  call = oos.call
  await call('CreateTemplate', { TemplateName: 'demo', Content: JSON.stringify(content) })
})
afterAll(() => oos.stop())

const readAll = () => readAssignments(oos.plane.context, actor)
const groupsOf = async () => (await readGroups(oos.plane.context, actor)).map(({ name, filter }) => [name, filter])
const list = async (parameters: Record<string, string> = {}) =>
  (await call('ListStateConfigurations', parameters)).StateConfigurations as Record<string, string>[]

test('a state configuration is created once for a token, changed, listed and deleted', async () => {
  const { StateConfiguration: made } = await call('CreateStateConfiguration', { ...wanted, ClientToken: 'once' })
  const id = made.StateConfigurationId as string
  expect(made).toMatchObject({
    TemplateName: 'demo',
    TemplateVersion: 'latest',
    ConfigureMode: 'ApplyAndAutoCorrect',
    Parameters: { port: 9000, token: '******' },
    Targets: byTag('web'),
    ScheduleExpression: '1 hour',
  })
  const again = await call('CreateStateConfiguration', { ...wanted, ClientToken: 'once' })
  expect(again.StateConfiguration.StateConfigurationId).toBe(id)
  expect(await readAll()).toMatchObject([{ row: { name: id, group: id, extension: 'demo' }, secretNames: ['token'] }])
  expect(await groupsOf()).toEqual([[id, 'tag:role=web']])

  const { StateConfiguration: changed } = await call('UpdateStateConfiguration', {
    StateConfigurationId: id,
    Targets: byTag('db'),
    Description: 'Databases',
    ConfigureMode: 'ApplyAndMonitor',
  })
  expect(changed).toMatchObject([{ StateConfigurationId: id, Description: 'Databases', ScheduleExpression: '1 hour' }])
  expect(await groupsOf()).toEqual([[id, 'tag:role=db']])
  // Absent parameters remain, secret ones included.
  expect(await readAll()).toMatchObject([
    { row: { parameters: { port: 9000 }, repair: false }, secretNames: ['token'] },
  ])

  expect(await list({ TemplateName: 'demo', StateConfigurationIds: JSON.stringify([id]) })).toMatchObject([
    { Targets: byTag('db'), Parameters: JSON.stringify({ port: 9000, token: '******' }) },
  ])
  await expect(
    call('DeleteStateConfigurations', { StateConfigurationIds: JSON.stringify([id, 'sc-nothing']) }),
  ).rejects.toMatchObject({ code: 'EntityNotExists.StateConfiguration' })
  expect(await list()).toHaveLength(1)
  await call('DeleteStateConfigurations', { StateConfigurationIds: JSON.stringify([id]) })
  expect(await list()).toEqual([])
  expect(await groupsOf()).toEqual([])
})

test('an assignment of the native API is listed and changed, and its group remains', async () => {
  const { context } = oos.plane
  await createGroup(context, actor, { name: 'web', filter: 'tag:role=web', description: '' })
  const assignment = {
    description: '',
    group: 'web',
    extension: 'demo',
    version: 'v1',
    parameters: {},
    rateControl: {},
  }
  await putAssignment(
    context,
    actor,
    { name: 'demo-on-web', ...assignment, window: 'Mon-Fri 01:00-05:00 UTC', priority: 7, repair: false },
    { replaces: false },
  )
  expect(await list()).toMatchObject([
    {
      StateConfigurationId: 'demo-on-web',
      TemplateVersion: 'v1',
      Targets: expect.stringContaining('"GroupName":"web"'),
    },
  ])
  await call('UpdateStateConfiguration', { StateConfigurationId: 'demo-on-web', Parameters: '{"port":"81"}' })
  expect(await readAll()).toMatchObject([
    { row: { group: 'web', priority: 7, window: 'Mon-Fri 01:00-05:00 UTC', parameters: { port: 81 } } },
  ])
  await call('DeleteStateConfigurations', { StateConfigurationIds: '["demo-on-web"]' })
  expect(await groupsOf()).toEqual([['web', 'tag:role=web']])
})

test('pages do not repeat and end', async () => {
  for (const ClientToken of ['a', 'b', 'c']) await call('CreateStateConfiguration', { ...wanted, ClientToken })
  const first = await call('ListStateConfigurations', { MaxResults: 2 })
  const second = await call('ListStateConfigurations', { MaxResults: 2, NextToken: first.NextToken })
  const ids = [...first.StateConfigurations, ...second.StateConfigurations].map((one) => one.StateConfigurationId)
  expect(new Set(ids).size).toBe(3)
  expect(second.NextToken).toBe('')
  await call('DeleteStateConfigurations', { StateConfigurationIds: JSON.stringify(ids) })
})

test.each([
  ['another mode', { ConfigureMode: 'ApplyOnly' }],
  ['an interval that is none', { ScheduleExpression: '0 3 * * *' }],
  ['two filters', { Targets: JSON.stringify({ Filters: [{ Type: 'All' }, { Type: 'All' }] }) }],
  ['a filter of an unknown type', { Targets: JSON.stringify({ Filters: [{ Type: 'Colour' }] }) }],
  ['a value of the wrong type', { Parameters: '{"port":"many"}' }],
  ['an unknown template', { TemplateName: 'nothing' }],
])('%s is refused, and no group remains', async (_, parameters) => {
  const before = await groupsOf()
  await expect(call('CreateStateConfiguration', { ...wanted, ...parameters })).rejects.toMatchObject({
    code: expect.stringMatching(/^(InvalidParameter|EntityNotExists|InvalidTemplate)/),
  })
  expect(await groupsOf()).toEqual(before)
  expect(await readAll()).toEqual([])
})
