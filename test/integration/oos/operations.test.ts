/** Operations of the public templates beside one extension, through the official client. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import type { CallOos } from './clients.ts'
import { makeExecutionCalls, targetsOf } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

let oos: OosPlane
let call: CallOos
let calls: ReturnType<typeof makeExecutionCalls>
let ids: InstanceId[]

beforeAll(async () => {
  oos = await startOosPlane()
  call = oos.call
  calls = makeExecutionCalls(call)
})
afterAll(() => oos.stop())
beforeEach(async () => {
  ids = (await oos.plane.enrol(2)).toSorted()
})

const start = async (TemplateName: string, parameters: Readonly<Record<string, unknown>>) => {
  const Parameters = JSON.stringify({ targets: targetsOf(ids), ...parameters })
  return (await call('StartExecution', { TemplateName, Parameters })).Execution
}

test('ACS-ECS-BulkyRunCommand runs a script, and returns the request', async () => {
  const { ExecutionId } = await start('ACS-ECS-BulkyRunCommand', {
    commandType: 'RunPythonScript',
    commandContent: 'print(1)',
    workingDir: '/srv',
    timeout: 90,
  })
  await oos.plane.untilStatus(ExecutionId as ExecutionId, 'Running')
  const work = await handOutWork(oos.plane.context, ids)
  expect(work.get(ids[0]!)?.invocations).toMatchObject([
    {
      action: 'run',
      wanted: {
        configuration: {
          scripts: { install: '#!/usr/bin/env python3\nprint(1)' },
          run: { timeoutMs: 90_000, workDir: '/srv' },
        },
      },
    },
  ])
  const given = [...work].flatMap(([instanceId, { invocations }]) =>
    invocations.map(({ id }) => ({ instanceId, invocationId: id })),
  )
  await oos.plane.end(given)
  await oos.plane.untilStatus(ExecutionId as ExecutionId, 'Success')
  const shown = await calls.show(ExecutionId)
  expect(shown).toMatchObject({ TemplateName: 'ACS-ECS-BulkyRunCommand', Status: 'Success' })
  expect(shown.Parameters).toMatchObject({ commandContent: 'print(1)', commandType: 'RunPythonScript' })
  const tasks = await calls.listTasks(ExecutionId)
  expect(tasks.slice(2).map((task) => task.TaskAction)).toEqual(['ACS::ECS::RunCommand', 'ACS::ECS::RunCommand'])
})

test('ACS-ECS-ConfigurePackage calls the package manager with all names', async () => {
  const { ExecutionId } = await start('ACS-ECS-ConfigurePackage', {
    action: 'install',
    packageName: 'nginx  curl nginx',
  })
  await oos.plane.untilStatus(ExecutionId as ExecutionId, 'Running')
  const work = await handOutWork(oos.plane.context, ids)
  expect(work.get(ids[1]!)?.invocations).toMatchObject([
    { action: 'run', extensionId: 'os-packages', osPackages: { action: 'install', names: ['nginx', 'curl'] } },
  ])
  expect(await calls.show(ExecutionId)).toMatchObject({ TemplateName: 'ACS-ECS-ConfigurePackage', Status: 'Running' })
})

test.each(['nginx; reboot', '-o', '$(id)', 'a-'])('%s is no name of a package', async (packageName) => {
  const Parameters = JSON.stringify({ targets: targetsOf(ids), action: 'install', packageName })
  expect(await calls.errorOf('StartExecution', { TemplateName: 'ACS-ECS-ConfigurePackage', Parameters })).toBe(
    'InvalidParameter',
  )
})

test('ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL installs several in order, each with its own values', async () => {
  await oos.plane.makeExtension('first')
  await oos.plane.makeExtension('second')
  const template = 'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL'
  const packageInfo = [
    { packageName: 'second', packageVersion: 'v1', parameters: { port: '81', token: 'very-secret' } },
    { packageName: 'first' },
  ]
  const { ExecutionId } = await start(template, { action: 'install', packageInfo })
  await oos.plane.end(await oos.plane.takeWork(ids, 2))
  await oos.plane.end(await oos.plane.takeWork(ids, 2))
  await oos.plane.untilStatus(ExecutionId as ExecutionId, 'Success')
  const { rows } = await oos.plane.db.pool.query(
    `select e.name, s.parameters from installed_states s join extensions e on e.id = s.extension_id
     where s.instance_id = $1 order by s.since, e.name desc`,
    [ids[0]],
  )
  expect(rows.map(({ name }) => name)).toEqual(['second', 'first'])
  const shown = await calls.show(ExecutionId)
  expect(shown).toMatchObject({ TemplateName: template, Status: 'Success' })
  expect(shown.Parameters.packageInfo).toEqual([
    { packageName: 'second', packageVersion: 'v1', parameters: { port: '81', token: '******' } },
    { packageName: 'first' },
  ])
  const tasks = await calls.listTasks(ExecutionId)
  expect(tasks.slice(2).map(({ Status }) => Status)).toEqual(['Success', 'Success'])
})

test('restarting instances is not supported, and the error says so', async () => {
  const Parameters = JSON.stringify({
    targets: targetsOf(ids),
    action: 'install',
    packageInfo: [{ packageName: 'first' }],
    reboot: true,
  })
  const TemplateName = 'ACS-ECS-BulkyConfigureMultipleOOSPackagesWithTemporaryURL'
  expect(await calls.errorOf('StartExecution', { TemplateName, Parameters })).toBe('InvalidParameter')
})

test('an execution that was started in another way shows the template that would have started it', async () => {
  const id = await oos.plane.start({
    operation: {
      kind: 'command',
      type: 'RunShellScript',
      content: 'true',
      timeoutMs: 60_000,
      parameters: {},
      noEcho: [],
    },
    targets: { kind: 'ids', ids },
  })
  const { Executions } = await call('ListExecutions', { TemplateName: 'ACS-ECS-BulkyRunCommand' })
  expect(Executions.map((one: { ExecutionId: string }) => one.ExecutionId)).toContain(id)
})
