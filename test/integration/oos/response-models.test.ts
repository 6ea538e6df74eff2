/** Real answers of every operation, field by field, against the models of the official SDKs. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operations } from '../../../src/server/oos/operations.ts'
import { makeExecutionCalls, targetsOf } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'
import { findDifferences, responseModels } from './response-models.ts'

let oos: OosPlane
beforeAll(async () => {
  oos = await startOosPlane()
})
afterAll(() => oos.stop())

const checked = new Set<string>()

/**
 * Calls, and compares the answer. @param lists lists that must not be empty: an empty list has no
 * fields to compare
 */
async function check(action: string, parameters: Readonly<Record<string, string>> = {}, ...lists: string[]) {
  const answer = await oos.call(action, parameters)
  checked.add(action)
  const { RequestId, ...fields } = answer
  expect(RequestId).toMatch(/^[0-9A-F-]{36}$/)
  expect(findDifferences(responseModels[action] ?? {}, fields, action)).toEqual([])
  for (const name of lists) expect([action, name, fields[name].length > 0]).toEqual([action, name, true])
  return answer
}

const Content = JSON.stringify({
  FormatVersion: 'OOS-2019-06-01-Package',
  Description: { en: 'Demo', 'zh-cn': '演示' },
  Parameters: { port: { Type: 'Number', Default: 8080 } },
  Packages: [{ OSType: 'linux', InstallScript: '#!/bin/sh\ntrue\n', UninstallScript: '#!/bin/sh\ntrue\n' }],
})

test('every operation answers according to its model', async () => {
  const [id, other] = await oos.plane.enrol(2)
  const ids = [id!, other!]
  const calls = makeExecutionCalls(oos.call)

  const demo = { TemplateName: 'demo' }
  await check('CreateTemplate', { ...demo, Content, Tags: '{"env":"test"}' })
  await check('UpdateTemplate', { ...demo, Content, VersionName: 'second' })
  await check('UpdateTemplateAttributes', { ...demo, IsFavorite: 'true' })
  await check('GetTemplate', demo)
  await check('GetTemplate', { TemplateName: 'ACS-ECS-BulkyRunCommand' })
  await check('ListTemplates', {}, 'Templates')
  await check('ListTemplates', { ShareType: 'Public' }, 'Templates')
  await check('ListTemplates', { ShareType: 'Private' }, 'Templates')
  await check('ListTemplateVersions', demo, 'TemplateVersions')
  await check('ValidateTemplateContent', { Content })
  const resources = { ResourceType: 'template', ResourceIds: '["demo"]' }
  await check('TagResources', { ...resources, Tags: '{"team":"a"}' })
  await check('ListTagKeys', { ResourceType: 'template' }, 'Keys')
  await check('ListTagValues', { ResourceType: 'template', Key: 'team' }, 'Values')
  const { TagResources } = await check('ListTagResources', resources)
  expect(TagResources.TagResource.length).toBeGreaterThan(0)
  await check('UntagResources', { ...resources, TagKeys: '["team"]' })
  await check('ChangeResourceGroup', { ResourceType: 'template', ResourceId: 'demo', NewResourceGroupId: 'rg-1' })

  const start = async (values: object, more: Readonly<Record<string, string>> = {}) => {
    const { Execution } = await check('StartExecution', {
      TemplateName: 'ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL',
      Parameters: JSON.stringify({ packageName: 'demo', targets: targetsOf(ids), ...values }),
      ...more,
    })
    return Execution.ExecutionId
  }
  const waiting = await start({}, { Mode: 'Debug', LoopMode: 'EveryBatchPause', SafetyCheck: 'Skip' })
  await oos.plane.untilStatus(waiting, 'Waiting')
  await check('ListExecutions', { ExecutionId: waiting }, 'Executions')
  await check('ListTaskExecutions', { ExecutionId: waiting }, 'TaskExecutions')
  await check('NotifyExecution', { ExecutionId: waiting, NotifyType: 'ExecuteTask', TaskName: 'configurePackage' })
  const work = await oos.plane.takeWork(ids, 1)
  await check('ListExecutions', { ExecutionId: waiting }, 'Executions')
  await check('ListTaskExecutions', { ExecutionId: waiting }, 'TaskExecutions')
  await oos.plane.end(work)
  await oos.plane.untilStatus(waiting, 'Waiting')
  await check('CancelExecution', { ExecutionId: waiting })
  await oos.plane.untilStatus(waiting, 'Cancelled')

  const ended = await start({}, { Tags: '{"a":"b"}' })
  await oos.plane.end(await oos.plane.takeWork(ids, 1))
  await oos.plane.untilStatus(ended, 'Success')
  const ofEnded = { ExecutionId: ended }
  await check('ListExecutions', ofEnded, 'Executions')
  await check('ListExecutions', {}, 'Executions')
  await check('ListTaskExecutions', ofEnded, 'TaskExecutions')
  await check('ListExecutionLogs', ofEnded, 'ExecutionLogs')
  await check('ListResourceExecutionStatus', ofEnded, 'ResourceExecutionStatus')
  const worked = (await calls.listTasks(ended)).find(({ StatusMessage, LoopItem }) => LoopItem && StatusMessage)
  await check('ListTaskExecutionInvocations', { TaskExecutionId: worked?.TaskExecutionId }, 'TaskExecutionInvocations')
  await check('GetExecutionTemplate', ofEnded)
  await check('UpdateExecution', { ...ofEnded, Description: 'new' })
  await check('GenerateExecutionPolicy', { TemplateName: 'ACS-ECS-BulkyRunCommand' })
  await check('ListExecutionRiskyTasks', { TemplateName: 'ACS-ECS-BulkyRunCommand' })
  await check('ListInstancePackageStates', { InstanceId: id! }, 'PackageStates')
  await check('UpdateInstancePackageState', { InstanceId: id!, ...demo, ConfigureAction: 'uninstall' })
  await check('UpdateInstancePackageState', { InstanceId: other!, ...demo, ConfigureAction: 'uninstall' })

  const { StateConfiguration } = await check('CreateStateConfiguration', {
    ...demo,
    ScheduleType: 'rate',
    ScheduleExpression: '1 hour',
    Targets: '{"Filters":[{"Type":"Tags","Tags":[{"Key":"role","Value":"none"}]}]}',
  })
  const { StateConfigurationId } = StateConfiguration
  await check('UpdateStateConfiguration', { StateConfigurationId, Description: 'new' }, 'StateConfiguration')
  await check('ListStateConfigurations', {}, 'StateConfigurations')
  await check('DeleteStateConfigurations', { StateConfigurationIds: JSON.stringify([StateConfigurationId]) })

  await check('ListActions', {}, 'Actions')
  await check('DescribeRegions', {}, 'Regions')
  await check('GetServiceSettings', {}, 'ServiceSettings')
  await check('SetServiceSettings', { RdcEnterpriseId: '7' }, 'ServiceSettings')

  await check('DeleteExecutions', { ExecutionIds: JSON.stringify([waiting]) })
  await check('DeleteTemplate', { ...demo, AutoDeleteExecutions: 'true' })
  await check('CreateTemplate', { TemplateName: 'short', Content })
  await check('DeleteTemplates', { TemplateNames: '["short"]' })
  // No template waits for a trigger: the only possible answer is a refusal.
  expect(operations.map(({ name }) => name).filter((name) => !checked.has(name))).toEqual(['TriggerExecution'])
})

test('a difference is found: missing, extra and mistyped fields', () => {
  const model = { a: 'string', b: { list: { c: 'number' } }, 'd?': 'boolean' } as const
  expect(findDifferences(model, { a: '', b: [{ c: 1 }] }, 'X')).toEqual([])
  expect(findDifferences(model, { b: [{ c: '1', e: 1 }], d: 0 }, 'X')).toEqual([
    'X.a is missing',
    'X.b[0].e is in no model',
    'X.b[0].c is not a number: "1"',
    'X.d is not a boolean: 0',
  ])
})
