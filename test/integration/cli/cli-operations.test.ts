/**
 * Commands, OS packages and several extensions from the command line; the instances are simulated.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CliSystem, startCliSystem } from './cli-system.ts'

interface Report {
  readonly id: string
  readonly status: string
}
interface Listed {
  readonly id: string
  readonly operation: Readonly<Record<string, unknown>>
}

let system: CliSystem
beforeAll(async () => {
  system = await startCliSystem()
  await system.simulate(3, '--duration', '10ms-30ms', '--name-prefix', 'web', '--seed', '7', '--output-bytes', '200')
})
afterAll(() => system.stop())

const shown = async (id: string) =>
  (await system.json<Listed[]>('execution', 'list')).find((one) => one.id === id)?.operation

test('a command runs on all instances, and its exit code is the result', async () => {
  const args = ['run', '--targets', 'all', '--timeout', '5m', '--user', 'daemon', '--secret', 'token=x', '-o', 'json']
  const said = await system.run(...args, '--', 'echo', "it's")
  const report = JSON.parse(said.stdout) as Report
  expect(report).toMatchObject({ status: 'Success', counts: { Success: 3 } })
  expect(await shown(report.id)).toEqual({
    kind: 'command',
    type: 'RunShellScript',
    runAs: 'daemon',
    timeoutMs: 300_000,
  })
  const { code, stdout } = await system.run('run', '--targets', 'all', 'uptime')
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('run a shell script') })
})

test('a script is read from a file', async () => {
  const file = join(system.folder, 'check.py')
  await writeFile(file, '#!/usr/bin/env python3\nprint(1)\n')
  expect(await system.json<Report>('run', '--targets', 'all', '--script', file)).toMatchObject({ status: 'Success' })
})

test.each([
  ['a byte order mark', '\ufeff#!/bin/bash\ntrue\n', 'byte order mark'],
  ['Windows line ends', 'if true\r\nthen\r\n  true\r\nfi\r\n', 'CRLF'],
  ['no text', '', 'check.sh'],
])('a script file with %s is refused with its line, before any instance receives it', async (_, text, said) => {
  const file = join(system.folder, 'check.sh')
  await writeFile(file, text)
  const { code, stdout, stderr } = await system.run('run', '--targets', 'all', '--script', file)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(said)
  expect(stderr).toContain('check.sh:1:')
})

test.each([
  ['no command', ['run', '--targets', 'all'], 'the command is missing'],
  ['two', ['run', '--targets', 'all', '--script', 'x', '--', 'true'], 'a command and a script'],
  ['a script that is not there', ['run', '--targets', 'all', '--script', '/nowhere'], 'cannot be read'],
  ['no name of a package', ['package', 'install', 'a;b', '--targets', 'all'], 'is not a valid package name'],
  ['a version of which', ['install', 'a', 'b', '--targets', 'all', '--version', 'v1'], '--version applies to one'],
  ['a parameter of which', ['install', 'a', 'b', '--targets', 'all', '--param', 'x=1'], 'does not name its extension'],
])('%s is a usage error', async (_, args, said) => {
  expect(await system.run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) })
})

test('OS packages are given by name', async () => {
  const report = await system.json<Report>(
    'package',
    'install',
    'curl',
    'nginx',
    '--targets',
    'all',
    '--installer',
    'dnf',
  )
  expect(report).toMatchObject({ status: 'Success' })
  expect(await shown(report.id)).toMatchObject({
    kind: 'osPackage',
    action: 'install',
    installer: 'dnf',
    names: ['curl', 'nginx'],
  })
})

test('several extensions are installed in order, each with its own version', async () => {
  await system.createExtension('base')
  await system.createExtension('top')
  const plan = await system.json<{ counts: object }>('plan', 'install', 'base', 'top@v1', '--targets', 'all')
  expect(plan.counts).toMatchObject({ install: 3 })
  const { code, stdout } = await system.run('install', 'base', 'top@v1', '--targets', 'all')
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('install base v1, then top v1') })
  const instances = await system.json<{ installed: { extension: string }[] }[]>('instance', 'list')
  for (const { installed } of instances)
    expect(installed.map(({ extension }) => extension).toSorted()).toEqual(['base', 'top'])
})

test('the plan with the given digest starts; differences since then are printed', async () => {
  await system.createExtension('planned')
  interface PlanReport {
    readonly digest: string
    readonly targetCount: number
    readonly targets: readonly object[]
  }
  const plan = await system.json<PlanReport>('plan', 'install', 'planned', '--targets', 'all')
  expect(plan.targets).toHaveLength(3)
  expect(plan).not.toHaveProperty('nextToken')
  const args = ['install', 'planned', '--targets', 'all', '--if-plan', plan.digest]
  expect(await system.json<Report>(...args)).toMatchObject({ status: 'Success' })
  const { code, stderr } = await system.run(...args)
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('targets: 3 changed') })
})

test('the output of a command is shown under the names of its instances, and is in the document', async () => {
  const { code, stdout } = await system.run('run', '--targets', 'all', 'uptime')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^== .*web/m)
  interface Document {
    readonly tasks: readonly { readonly stdout: string; readonly stderr: string }[]
  }
  const { tasks } = await system.json<Document>('run', '--targets', 'all', 'uptime')
  expect(tasks).toHaveLength(3)
  for (const task of tasks) expect(`${task.stdout}${task.stderr}`).not.toBe('')
})

test('a name works like an id; an unknown one is an error, not an empty answer', async () => {
  const [instance] = await system.json<{ id: string; name: string }[]>('instance', 'list')
  const { id } = await system.json<Report>('run', '--targets', 'all', 'uptime')
  for (const args of [
    ['logs', id, '--instance'],
    ['execution', 'show', id, '--instance'],
    ['instance', 'show'],
    ['instance', 'history'],
  ]) {
    const named = await system.run(...args, instance!.name)
    expect(named).toMatchObject({ code: 0, stdout: (await system.run(...args, instance!.id)).stdout })
    expect(named.stdout).not.toBe('')
    expect(await system.run(...args, 'nope')).toMatchObject({ code: 2, stdout: '' })
  }
  for (const args of [
    ['instance', 'show', 'i-0'],
    ['instance', 'history', 'i-0'],
    ['execution', 'show', id, '--instance', 'i-0'],
    ['execution', 'list', '--extension', 'nope'],
    ['instance', 'list', '--extension', 'nope'],
    ['instance', 'list', '--filter', 'extension!=nope'],
    ['instance', 'list', '--targets', `name:nope,${instance!.name}`],
    ['instance', 'list', '--targets', 'id:i-0'],
    ['instance', 'list', '--targets', 'resource-group:nope'],
  ])
    expect([args, await system.run(...args)]).toMatchObject([args, { code: 2, stdout: '' }])
  expect(await system.run('logs', id, '--instance', 'i-0')).toMatchObject({ code: 2, stdout: '' })
  expect(await system.run('instance', 'tag', 'nope', 'a=b')).toMatchObject({ code: 2 })
  // Nothing is enrolled for a filter that matches nothing.
  const none = await system.run('instance', 'list', '--status', 'offline', '--search', 'nope')
  expect(`${none.stdout}${none.stderr}`).toBe('no instance matches\n')
  const { code, stderr } = await system.run('execution', 'retry', id, '--failure', 'nope')
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('not the key of a group') })
})

test('a filter selects targets', async () => {
  const args = ['plan', 'install', 'filtered', '-o', 'json', '--targets']
  await system.createExtension('filtered')
  const [instance] = await system.json<{ id: string; name: string }[]>('instance', 'list')
  const count = async (filter: string) =>
    (JSON.parse((await system.run(...args, filter)).stdout) as { targetCount: number }).targetCount
  expect(await count('filter:status=online')).toBe(3)
  expect(await count(`filter:name=${instance!.name}`)).toBe(1)
  expect(await count(`filter:name!=${instance!.name},tag:env!=prod`)).toBe(2)
  const { code, stderr } = await system.run(...args, 'tag:env!=prod')
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('filter:tag:env!=prod') })
})
