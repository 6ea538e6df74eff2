/**
 * `{{oos:name}}` and `{{oos-secret:name}}` would be run as literal text: everything that accepts
 * scripts or values refuses them.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prepareOperation } from '../../../src/server/app/operation/operations.ts'
import { actor } from '../control-plane/control-plane.ts'
import { makeExecutionCalls, targetsOf, temporaryUrlTemplate } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

let oos: OosPlane
let calls: ReturnType<typeof makeExecutionCalls>
let instance: string

beforeAll(async () => {
  oos = await startOosPlane()
  calls = makeExecutionCalls(oos.call)
  await oos.plane.makeExtension('demo')
  const [id] = await oos.plane.enrol(1)
  instance = String(id)
})
afterAll(() => oos.stop())

const stored = '{{ oos-secret:db }}'

const started: readonly [string, object][] = [
  ['ACS-ECS-BulkyRunCommand', { commandContent: `echo ${stored}` }],
  ['ACS-ECS-BulkyRunCommand', { commandContent: `echo ${stored}`, enableParameter: true }],
  ['ACS-ECS-BulkyRunCommand', { commandContent: 'ls', workingDir: `/tmp/${stored}` }],
  [temporaryUrlTemplate, { packageName: 'demo', parameters: { token: stored } }],
  [temporaryUrlTemplate, { packageName: 'demo', parameters: JSON.stringify({ token: stored }) }],
  [
    'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL',
    { packageInfo: [{ packageName: 'demo', parameters: { token: stored } }] },
  ],
]
test.each(started)('StartExecution of %s with %j', async (TemplateName, values) => {
  const Parameters = JSON.stringify({ ...values, targets: targetsOf([instance]) })
  await expect(oos.call('StartExecution', { TemplateName, Parameters })).rejects.toMatchObject({
    code: 'InvalidParameter',
    message: expect.stringContaining('parameter store'),
  })
  expect((await oos.call('ListExecutions')).TotalCount).toBe(0)
})

const configuration = { OSType: 'linux', Architecture: 'x86_64', InstallScript: 'true' }
const contents: readonly object[] = [
  { Packages: [{ ...configuration, InstallScript: `echo ${stored}` }] },
  { Packages: [{ ...configuration, UninstallScript: `echo ${stored}` }] },
  { Packages: [{ ...configuration, BucketName: 'b', ObjectName: `${stored}.rpm` }] },
  { Packages: [configuration], Parameters: { password: { Type: 'String', Default: stored } } },
]
test.each(contents)('content %j', async (fields) => {
  const Content = JSON.stringify({ FormatVersion: 'OOS-2019-06-01-Package', ...fields })
  for (const [action, parameters] of [
    ['ValidateTemplateContent', {}],
    ['CreateTemplate', { TemplateName: 'stored' }],
    ['UpdateTemplate', { TemplateName: 'demo' }],
  ] as const)
    await expect(oos.call(action, { Content, ...parameters })).rejects.toThrow('parameter store')
  expect((await oos.call('ListTemplates', { TemplateName: 'stored' })).Templates).toEqual([])
})

test('the reported version of an instance', async () => {
  const Parameters = JSON.stringify({ token: stored })
  const report = { InstanceId: instance, TemplateName: 'demo', ConfigureAction: 'install', Parameters }
  expect(await calls.errorOf('UpdateInstancePackageState', report)).toBe('InvalidParameter')
})

test.each([
  { content: `echo ${stored}`, placeholders: false },
  { content: 'ls', runAs: stored },
  { content: 'ls', parameters: { a: stored } },
])('a command of the native API with %j', async (fields) => {
  const command = { kind: 'command', type: 'RunShellScript', timeoutMs: 1_000, parameters: {}, noEcho: [] } as const
  const planning = async () => prepareOperation(oos.plane.context, actor, { ...command, ...fields })
  await expect(planning()).rejects.toThrow('parameter store')
})
