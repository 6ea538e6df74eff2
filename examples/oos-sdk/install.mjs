#!/usr/bin/env node
// Installs the extension of package.yaml on instances with the API of Alibaba Cloud OOS. The script contains nothing specific to
// Chandler: OOS_ENDPOINT selects the server.
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import openApi from '@alicloud/openapi-client'
import { RuntimeOptions } from '@alicloud/tea-util'

const { default: Client, Config, OpenApiRequest, Params } = openApi
const { OOS_ENDPOINT = 'https://oos.cn-hangzhou.aliyuncs.com' } = process.env
const { host: endpoint, protocol } = new URL(OOS_ENDPOINT)
const client = new Client(
  new Config({
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID,
    accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    endpoint,
    protocol: protocol.slice(0, -1),
  }),
)

/** Does the same as every method of the generated OOS client. */
async function call(action, query) {
  const shape = { method: 'POST', pathname: '/', style: 'RPC', reqBodyType: 'formData', bodyType: 'json' }
  const params = new Params({ action, version: '2019-06-01', protocol: 'HTTPS', authType: 'AK', ...shape })
  const { body } = await client.callApi(params, new OpenApiRequest({ query }), new RuntimeOptions({}))
  return body
}

const name = 'oos-sdk-hello'
const instanceIds = process.argv.slice(2)
if (instanceIds.length === 0) {
  console.error('usage: install.mjs INSTANCE_ID...')
  process.exit(2)
}

// Creates the extension or its next version.
const Content = await readFile(new URL('package.yaml', import.meta.url), 'utf8')
const { Templates } = await call('ListTemplates', { TemplateName: name, TemplateType: 'Package' })
const isThere = Templates.some(({ TemplateName }) => TemplateName === name)
const { Template } = await call(isThere ? 'UpdateTemplate' : 'CreateTemplate', { TemplateName: name, Content })
console.log(`${name} ${Template.TemplateVersion}`)

const { Execution } = await call('StartExecution', {
  TemplateName: 'ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL',
  Parameters: JSON.stringify({
    action: 'install',
    packageName: name,
    packageVersion: Template.TemplateVersion,
    parameters: { greeting: 'Hello from a script' },
    targets: { Type: 'ResourceIds', ResourceIds: instanceIds, RegionId: 'cn-hangzhou' },
    rateControl: { Mode: 'Concurrency', Concurrency: 10, MaxErrors: 0 },
  }),
})
const { ExecutionId } = Execution

let status = Execution.Status
while (!['Success', 'Failed', 'Cancelled'].includes(status)) {
  await wait(500)
  status = (await call('ListExecutions', { ExecutionId })).Executions[0].Status
}

const { TaskExecutions } = await call('ListTaskExecutions', { ExecutionId, MaxResults: 100 })
for (const task of TaskExecutions.filter(({ LoopItem }) => LoopItem)) {
  console.log(`${task.LoopItem} ${task.Status} ${task.StatusMessage}`)
}
for (const instanceId of instanceIds) {
  const { PackageStates } = await call('ListInstancePackageStates', {
    InstanceId: instanceId,
    TemplateNames: JSON.stringify([name]),
  })
  for (const state of PackageStates) console.log(`${instanceId} has ${state.TemplateName} ${state.TemplateVersion}`)
}
console.log(status)
process.exitCode = status === 'Success' ? 0 : 1
