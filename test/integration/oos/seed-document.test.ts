/**
 * The document "Manage custom extensions in batches", from its first step to its last, with the
 * official clients: a policy and a role, a package in a bucket, the extension, installed on three
 * instances, updated, uninstalled, and the logs read back. Real server, real agents, real scripts.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CliSystem, startCliSystem } from '../cli/cli-system.ts'
import { type CallOos, type ClientName, makeClients, type OosAnswer } from './clients.ts'

const names = ['web-1', 'web-2', 'web-3']
const bulkyConfigure = 'ACS-ECS-BulkyConfigureOOSPackageWithTemporaryURL'

/** The document's policy for the role of its instances. */
const seedPolicy = {
  Version: '1',
  Statement: [
    { Action: ['oos:GetTemplate'], Resource: '*', Effect: 'Allow' },
    { Action: ['oss:GetObject', 'oss:GetBucketAcl'], Effect: 'Allow', Resource: '*' },
  ],
}

let system: CliSystem
let key: { readonly id: string; readonly secret: string }
/** Folder of the services' files: the three instances are one machine here. */
let home: string
let ids: string[]

beforeAll(async () => {
  system = await startCliSystem()
  home = join(system.folder, 'home')
  await mkdir(home)
  key = { id: 'test', secret: 'a-secret-for-this-test-only' }
  await enrolInstances()
})
afterAll(() => system.stop())

/** Prerequisites 1 and 2: instances with a role that may fetch templates and objects. */
async function enrolInstances() {
  const policy = join(system.folder, 'policy.json')
  await writeFile(policy, JSON.stringify(seedPolicy))
  await system.json('policy', 'create', 'SeedPolicy', policy)
  await system.json('role', 'create', 'SeedRole')
  await system.json('role', 'attach', 'SeedRole', 'SeedPolicy')
  const { token } = await system.json<{ token: string }>('token', 'create', '--uses', '3', '--role', 'SeedRole')
  for (const name of names) {
    const state = join(system.folder, name)
    system.start('agent', '--server', system.server, '--token', token, '--state', state, '--name', name)
  }
  const instances = await vi.waitFor(
    async () => {
      const online = await system.json<{ id: string; name: string }[]>('instance', 'list', '--status', 'online')
      expect(online).toHaveLength(names.length)
      return online
    },
    { timeout: 110_000, interval: 200 },
  )
  ids = names.map((name) => instances.find((instance) => instance.name === name)?.id ?? '')
}

/**
 * The document's installation script, with a separate path for each instance's process id: `{{ home
 * }}` is a command parameter.
 */
const installScript = `#!/bin/bash
function user_shell() {
    # Custom installation script START
    $nohup sh demo-1.0.0-SNAPSHOT.jar "$CHANDLER_PARAM_greeting" > "{{ home }}/{{ ACS::InstanceId }}.log" 2>&1 &
    # Custom installation script END
}
function job_start() {
    user_shell
    if [ $? -ne 0 ]; then
        exit 4
    else
        now=$(date +'%Y-%m-%d %H:%M:%S')
        pid=$!
        echo "[$now][$pid] job_start"
        pidPath="{{ home }}/{{ ACS::InstanceId }}"
        if [ ! -d "$pidPath" ]; then
            mkdir -p "$pidPath"
            echo "Create the PID storage path: $pidPath"
        fi
        echo "$pid" > "$pidPath/main_process_id"
        if [ $? -ne 0 ]; then
            exit 3
        fi
    fi
}
function check_health() {
    now=$(date +'%Y-%m-%d %H:%M:%S')
    echo "[$now][$$] check_health"
}
job_start
check_health
`

const uninstallScript = `#!/bin/bash
function job_stop() {
    pid=$(cat "{{ home }}/{{ ACS::InstanceId }}/main_process_id")
    kill -9 $pid
    now=\`date +'%Y-%m-%d %H:%M:%S'\`
    echo "[$now][$pid] job_stop"
    rm -r "{{ home }}/{{ ACS::InstanceId }}"
}
job_stop
`

/**
 * Prints its name and waits, like a service; ends by itself when its folder is removed after the
 * test.
 */
const program = (version: string) => `echo "demo ${version} says $1"; while [ -d '${home}' ]; do sleep 1; done\n`

const contentOf = (version: string, objectName: string) => ({
  FormatVersion: 'OOS-2019-06-01-Package',
  Description: { en: 'Demo service', 'zh-cn': '演示服务', categories: ['application'] },
  Parameters: {
    home: { Type: 'String', Description: 'Where it keeps its process id' },
    greeting: { Type: 'String', Default: 'hello', Description: { en: 'What it says', 'zh-cn': '它说什么' } },
  },
  Constraints: { ImageTypes: [], OSPlatforms: [], InstanceTypeFamilies: [], OSVersions: [] },
  Packages: [
    {
      OSType: 'linux',
      Architecture: '*',
      BucketName: 'my-extensions',
      ObjectName: objectName,
      InstallScript: installScript,
      UninstallScript: uninstallScript,
      OutputScript: `#!/bin/sh\necho "running ${version}"\n`,
    },
  ],
})

/** Prerequisite 3: the package is in a bucket. */
async function putPackage(extension: string, version: string): Promise<string> {
  const file = join(system.folder, 'demo-1.0.0-SNAPSHOT.jar')
  await writeFile(file, program(version))
  const objectName = `${extension}/${version}/demo-1.0.0-SNAPSHOT.jar`
  await system.json('object', 'put', file, `my-extensions/${objectName}`)
  return objectName
}

async function untilEnded(call: CallOos, executionId: string): Promise<OosAnswer> {
  return vi.waitFor(
    async () => {
      const { Executions } = await call('ListExecutions', { ExecutionId: executionId, RegionId: 'cn-hangzhou' })
      expect(['Success', 'Failed', 'Cancelled']).toContain(Executions[0].Status)
      return Executions[0]
    },
    { timeout: 100_000, interval: 200 },
  )
}

async function configure(call: CallOos, parameters: Record<string, unknown>): Promise<OosAnswer> {
  const { Execution } = await call('StartExecution', {
    RegionId: 'cn-hangzhou',
    TemplateName: bulkyConfigure,
    Mode: 'Automatic',
    Tags: '{}',
    Parameters: JSON.stringify({
      regionId: 'cn-hangzhou',
      OOSAssumeRole: '',
      targets: { ResourceIds: ids, RegionId: 'cn-hangzhou', Type: 'ResourceIds' },
      rateControl: { Mode: 'Concurrency', Concurrency: 2, MaxErrors: 0 },
      ...parameters,
    }),
  })
  return untilEnded(call, Execution.ExecutionId)
}

const logOf = async (call: CallOos, executionId: string): Promise<string> => {
  const messages: string[] = []
  let next: string | undefined
  do {
    const page: OosAnswer = await call('ListExecutionLogs', {
      ExecutionId: executionId,
      MaxResults: 20,
      NextToken: next,
    })
    messages.push(...page.ExecutionLogs.map(({ Message }: { Message: string }) => Message))
    next = page.NextToken
  } while (next)
  return messages.join('\n')
}

/** A zombie that its new parent has not reaped yet does not run. */
const isAlive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined
    throw error
  })
  return stat !== undefined && !/\) [ZX] /.test(stat)
}
const pidOf = async (id: string) => Number(await readFile(join(home, id, 'main_process_id'), 'utf8'))

const runs: readonly { client: ClientName; extension: string }[] = [
  { client: 'pop-core GET', extension: 'demo-pop-get' },
  { client: 'pop-core POST', extension: 'demo-pop-post' },
  { client: 'openapi-client V3 query', extension: 'demo-openapi' },
  { client: 'openapi-core', extension: 'demo-core' },
]

describe('the seed document', () => {
  beforeAll(() => system.json('bucket', 'create', 'my-extensions'))

  test.each(runs)('by $client', async ({ client, extension }) => {
    const call = makeClients(system.server, key)[client]
    const states = async (id: string) => (await call('ListInstancePackageStates', { InstanceId: id })).PackageStates

    // Create a custom extension.
    const created = await call('CreateTemplate', {
      RegionId: 'cn-hangzhou',
      TemplateName: extension,
      VersionName: 'first release',
      Content: JSON.stringify(contentOf('1.0.0', await putPackage(extension, '1.0.0'))),
    })
    expect(created.Template).toMatchObject({ TemplateName: extension, TemplateVersion: 'v1', ShareType: 'Private' })
    const listed = await call('ListTemplates', { TemplateType: 'Package', TemplateName: extension })
    expect(listed.Templates).toMatchObject([{ TemplateName: extension, TemplateVersion: 'v1' }])

    // Install it.
    const greeting = `it's "$(touch ${home}/canary)" 你好`
    const installed = await configure(call, {
      action: 'install',
      packageName: extension,
      parameters: { home, greeting },
    })
    expect(installed).toMatchObject({ Status: 'Success', Counters: { Success: 3, Failed: 0, Total: 3 } })
    const { TaskExecutions } = await call('ListTaskExecutions', {
      ExecutionId: installed['ExecutionId'],
      IncludeChildTaskExecution: true,
    })
    const items = TaskExecutions.flatMap(({ LoopItem }: { LoopItem?: string }) => LoopItem || [])
    expect(items.toSorted()).toEqual(ids.toSorted())
    const log = await logOf(call, installed['ExecutionId'])
    expect(log.match(/\] job_start/g)).toHaveLength(3)
    expect(log.match(/\] check_health/g)).toHaveLength(3)
    for (const id of ids) {
      expect(await states(id)).toMatchObject([{ TemplateName: extension, TemplateVersion: 'v1' }])
      expect(await isAlive(await pidOf(id))).toBe(true)
      await vi.waitFor(async () =>
        expect(await readFile(join(home, `${id}.log`), 'utf8')).toBe(`demo 1.0.0 says ${greeting}\n`),
      )
    }
    await expect(readFile(join(home, 'canary'))).rejects.toThrow('ENOENT')

    // Update it: the next version, then everywhere.
    const updated = await call('UpdateTemplate', {
      TemplateName: extension,
      VersionName: 'second release',
      Content: JSON.stringify(contentOf('2.0.0', await putPackage(extension, '2.0.0'))),
    })
    expect(updated.Template).toMatchObject({ TemplateVersion: 'v2' })
    const first = await Promise.all(ids.map(pidOf))
    const moved = await configure(call, { action: 'update', packageName: extension, parameters: { home } })
    expect(moved).toMatchObject({ Status: 'Success', Counters: { Success: 3, Failed: 0, Total: 3 } })
    expect(JSON.parse(moved['Outputs']).configurationOutput).toHaveLength(3)
    for (const pid of first) await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false))
    for (const id of ids)
      expect(await states(id)).toMatchObject([{ TemplateVersion: 'v2', TemplateVersionName: 'second release' }])

    // Uninstall it.
    const second = await Promise.all(ids.map(pidOf))
    const removed = await configure(call, { action: 'uninstall', packageName: extension })
    expect(removed).toMatchObject({ Status: 'Success', Counters: { Success: 3, Failed: 0, Total: 3 } })
    expect((await logOf(call, removed['ExecutionId'])).match(/\] job_stop/g)).toHaveLength(3)
    for (const pid of second) await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false))
    for (const id of ids) expect(await states(id)).toEqual([])

    // Objects created through one API are visible through the other.
    const seen = await system.json<{ versions: unknown[] }>('extension', 'show', extension)
    expect(JSON.stringify(seen)).toContain('second release')
    await call('DeleteTemplate', { TemplateName: extension, AutoDeleteExecutions: true })
    expect((await call('ListTemplates', { TemplateName: extension })).Templates).toEqual([])
  })
})
