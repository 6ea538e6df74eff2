import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CliSystem, startCliSystem } from './cli-system.ts'

interface Report {
  readonly id: string
  readonly status: string
  readonly counts: Record<string, number>
  readonly tasks: readonly { instanceId: string; status: string; reason: string; exitCode: number | null }[]
}
interface Instance {
  readonly id: string
  readonly name: string
  readonly tags: Record<string, string>
  readonly installed: readonly { extension: string; version: string }[]
}

let system: CliSystem
let ids: string[]
beforeAll(async () => {
  system = await startCliSystem()
  await system.simulate(6, '--duration', '10ms-30ms', '--name-prefix', 'web', '--seed', '7', '--tag', 'env=test')
  ids = (await system.json<Instance[]>('instance', 'list')).map(({ id }) => id)
})
afterAll(() => system.stop())

test('the documents for scripts have their fixed forms', async () => {
  const token = await system.json<object>('token', 'create', '--uses', '1', '--ttl', '1h')
  expect(token).toEqual({ token: expect.stringMatching(/^ct_/) })

  const folder = await system.makeExtension('shapes')
  expect(await system.json('extension', 'lint', folder)).toEqual({
    name: 'shapes',
    version: null,
    ok: true,
    problems: [],
  })
  expect(await system.json('extension', 'create', folder)).toEqual({ name: 'shapes', version: 'v1' })
  await appendFile(join(folder, 'install.sh'), 'echo more\n')
  expect(await system.json('extension', 'update', folder)).toEqual({ name: 'shapes', version: 'v2' })

  const plan = await system.json<{ targets: unknown[]; counts: object }>(
    'plan',
    'install',
    'shapes',
    '--targets',
    'all',
    '--version',
    'v1',
  )
  expect(plan.counts).toMatchObject({ install: 6 })
  const report = await system.json<Report>(
    'install',
    'shapes',
    '--targets',
    'all',
    '--version',
    'v1',
    '--batch',
    '1,50%',
  )
  expect(report).toEqual({
    id: expect.stringMatching(/^exec-/),
    status: 'Success',
    counts: { Pending: 0, Running: 0, Rebooting: 0, Success: 6, Failed: 0, Cancelled: 0, Skipped: 0 },
    tasks: expect.anything(),
  })
  expect(report.tasks.map(({ instanceId }) => instanceId).toSorted()).toEqual(ids.toSorted())
  expect(report.tasks[0]).toEqual({
    instanceId: expect.any(String),
    status: 'Success',
    reason: expect.any(String),
    exitCode: 0,
  })

  const [instance] = await system.json<Instance[]>('instance', 'list', '--extension', 'shapes')
  expect(Object.keys(instance ?? {})).toEqual(['id', 'name', 'status', 'facts', 'tags', 'installed'])
  expect(instance).toMatchObject({
    status: 'online',
    tags: { env: 'test' },
    installed: [{ extension: 'shapes', version: 'v1' }],
  })
  const executions = await system.json<Report[]>('execution', 'list', '--extension', 'shapes')
  expect(executions).toEqual([expect.objectContaining({ id: report.id, status: 'Success' })])
  const shown = await system.json<Report>('execution', 'show', report.id)
  expect(shown).toMatchObject({ id: report.id, status: 'Success', counts: report.counts, tasks: report.tasks })
})

describe('an install', () => {
  test('prints its batches line by line, and its result is the exit code', async () => {
    await system.createExtension('lines')
    const { code, stdout } = await system.run('install', 'lines', '--targets', 'tag:env=test', '--batch', '1,2')
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(
      /^exec-\w+: install lines v1 on 6 targets in 4 batches \(1, 2, 2, 1\), 20 at once, at most 0 errors$/,
    )
    for (const number of [1, 2, 3, 4])
      expect(lines).toContainEqual(expect.stringMatching(`^batch ${number} of 4 ended: \\d succeeded$`))
    expect(lines).toContainEqual(expect.stringMatching(/^Success: install lines v1 in [\d.]+ s: 6 succeeded/))
    expect(stdout).not.toContain('\u001b')
  })

  test('with the same client token starts once', async () => {
    await system.createExtension('once')
    const again = () => system.json<Report>('install', 'once', '--targets', 'all', '--client-token', 'once-1')
    const [first, second] = [await again(), await again()]
    expect(second.id).toBe(first.id)
  })

  test('converts parameters to their types, also from files, and reports all invalid ones', async () => {
    const folder = await system.createExtension('values')
    await writeFile(join(folder, 'secret'), 'from-a-file\n')
    const install = (...params: string[]) =>
      system.run('plan', 'install', 'values', '--targets', 'all', ...params.flatMap((pair) => ['--param', pair]))
    expect(await install('port=8080', `secret=@${join(folder, 'secret')}`)).toMatchObject({ code: 0 })
    expect(await install('port=many')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('parameter port must be a number; "many" is none'),
    })
    const { code, stderr } = await install('port=70000', 'prt=1')
    expect(code).toBe(2)
    expect(stderr).toContain('port')
    expect(stderr).toContain('prt')
  })

  test('in Debug mode runs the named task, cancels another, and completes when the operator says so', async () => {
    await system.createExtension('debug')
    const running = system.start('install', 'debug', '--targets', 'all', '--mode', 'debug', '--tag', 'kind=debug')
    await running.said('to continue: chandler execution run-task exec-')
    const [execution] = await system.json<Report[]>('execution', 'list', '--tag', 'kind=debug')
    const id = execution?.id ?? ''
    const { tasks } = await system.json<Report>('execution', 'show', id)
    const instanceOf = (index: number) => tasks[index]?.instanceId ?? ''
    expect(await system.run('execution', 'cancel', id, '--instance', instanceOf(1))).toMatchObject({ code: 0 })
    expect(await system.run('execution', 'run-task', id, '--instance', instanceOf(0))).toMatchObject({ code: 0 })
    await running.said('1 succeeded')
    expect(await system.json('execution', 'tag', id, 'kind=done', '--description', 'seen')).toMatchObject({
      tags: { kind: 'done' },
      description: 'seen',
    })
    await system.run('execution', 'complete', id)
    expect((await running.ended).code).not.toBe(0)
    expect(await system.json('execution', 'show', id)).toMatchObject({ counts: { Success: 1 } })
  })

  test('waits where it should pause, prints how to continue, and continues', async () => {
    await system.createExtension('pause')
    const running = system.start('install', 'pause', '--targets', 'all', '--batch', '2', '--pause', 'first')
    await running.said('to continue: chandler execution resume exec-')
    const [execution] = await system.json<Report[]>('execution', 'list', '--extension', 'pause', '--status', 'Waiting')
    expect(await system.run('execution', 'resume', execution?.id ?? '')).toMatchObject({ code: 0 })
    expect(await running.ended).toMatchObject({ code: 0 })
  })

  test('continues after Ctrl-C, which prints how to follow it again', async () => {
    await system.createExtension('leave')
    const running = system.start('install', 'leave', '--targets', 'all', '--batch', '1', '--pause', 'first')
    await running.said('to continue')
    running.child.kill('SIGINT')
    const { code, stderr } = await running.ended
    expect(code).toBe(130)
    const [, id = ''] = /follow it: chandler execution show (exec-\w+) --follow/.exec(stderr) ?? []
    expect(await system.json('execution', 'show', id)).toMatchObject({ status: 'Waiting' })

    const following = system.start('execution', 'show', id, '--follow')
    await following.said('waiting:')
    expect(await system.run('execution', 'cancel', id)).toMatchObject({ code: 0 })
    expect(await following.ended).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('Cancelled: install leave v1'),
    })
  })

  test('that fails prints where, why and the next steps; a retry takes the failed tasks', async () => {
    const { stdout: token } = await system.run('token', 'create', '--uses', '2', '--tag', 'env=bad')
    const failing = system.start(
      'instance',
      'simulate',
      '--server',
      system.server,
      '--token',
      token.trim(),
      '--count',
      '2',
      '--failure-rate',
      '100%',
      '--duration',
      '10ms',
      '--name-prefix',
      'bad',
    )
    await failing.said('2 simulated instances connected')
    await system.createExtension('fails')

    const { code, stdout } = await system.run('install', 'fails', '--targets', 'tag:env=bad', '--concurrency', '1')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^failed: bad-\d \(i-\w+\): .*exit code 1/m)
    expect(stdout).toMatch(/^Failed: install fails v1/m)
    expect(stdout).toContain('1 Failed: ScriptFailed')
    expect(stdout).toContain('1 Cancelled: ErrorBudgetSpent')
    const [, id = ''] = /chandler execution retry (exec-\w+) --failed/.exec(stdout) ?? []
    const again = await system.run('execution', 'retry', id, '--failed', '-o', 'json')
    expect(again.code).toBe(1)
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'Failed' })
    expect(await system.json('execution', 'show', (JSON.parse(again.stdout) as Report).id)).toMatchObject({
      retryOf: id,
      taskCount: 2,
    })

    const waiting = system.start(
      'install',
      'fails',
      '--targets',
      'tag:env=bad',
      '--mode',
      'failure-pause',
      '--max-errors',
      '2',
      '--concurrency',
      '1',
    )
    await waiting.said('waiting:')
    const [held] = await system.json<Report[]>('execution', 'list', '--extension', 'fails', '--status', 'Waiting')
    const { tasks } = await system.json<Report>('execution', 'show', held?.id ?? '', '--status', 'Failed')
    expect(tasks).toHaveLength(1)
    expect(
      await system.run('execution', 'skip', held?.id ?? '', '--instance', tasks[0]?.instanceId ?? ''),
    ).toMatchObject({ code: 0 })
    await system.run('execution', 'cancel', held?.id ?? '')
    expect((await waiting.ended).code).not.toBe(0)
  })
})

describe('output of scripts', () => {
  let id: string
  beforeAll(async () => {
    await system.createExtension('logs')
    id = (await system.json<Report>('install', 'logs', '--targets', `id:${ids.slice(0, 2).join(',')}`)).id
  })

  test('of all instances: each line with its instance', async () => {
    const { code, stdout } = await system.run('logs', id)
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(new Set(lines.map((line) => line.split(' | ')[0])).size).toBe(2)
  })

  test('of one instance: unchanged, also when followed', async () => {
    const whole = await system.run('logs', id, '--instance', ids[0] ?? '')
    expect(whole).toMatchObject({ code: 0, stdout: expect.stringMatching(/^simulated output/) })
    expect(await system.run('logs', id, '--instance', ids[0] ?? '', '--follow')).toEqual(whole)
    expect(await system.run('logs', id, '--instance', ids[0] ?? '', '--stream', 'stderr')).toMatchObject({ stdout: '' })
  })

  test('as JSON', async () => {
    const chunks = await system.json<{ instanceId: string; data: string }[]>('logs', id, '--instance', ids[0] ?? '')
    expect(Buffer.from(chunks[0]?.data ?? '', 'base64').toString()).toMatch(/^simulated output/)
    const followed = await system.run('logs', id, '--instance', ids[0] ?? '', '--follow', '-o', 'json')
    expect(
      followed.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(chunks)
  })
})

describe('invalid input is refused, and nothing is left behind', () => {
  test.each([
    ['an extension that is not there', ['install', 'nope', '--targets', 'all'], /Extension "nope" does not exist/, 1],
    ['an execution that is not there', ['execution', 'show', 'exec-nope'], /Execution exec-nope does not exist/, 1],
    ['logs of one that is not there', ['logs', 'exec-nope', '--follow'], /Execution exec-nope does not exist/, 1],
  ])('%s', async (_, args, message, code) => {
    const ran = await system.run(...args)
    expect(ran.stderr).toMatch(message)
    expect(ran.code).toBe(code)
  })

  test('targets that match nothing, missing versions and extensions', async () => {
    await system.createExtension('refused')
    expect(await system.run('install', 'refused', '--targets', 'tag:env=nowhere')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('match no instance'),
    })
    expect(await system.run('install', 'refused', '--targets', 'all', '--version', 'v9')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no version v9'),
    })
    expect(await system.json('execution', 'list', '--extension', 'refused')).toEqual([])
  })

  test('an extension folder with problems uploads nothing', async () => {
    const folder = await system.makeExtension('mistaken', { 'package.bin': '' })
    const { code, stdout, stderr } = await system.run('extension', 'create', folder)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('extension.yaml:6:28 artifact package.bin: the file is empty; build it first')
    expect(await system.run('extension', 'show', 'mistaken')).toMatchObject({ code: 1 })
  })

  test('a wrong secret', async () => {
    const { code, stderr } = await system.run('login', '--server', system.server, '--access-key-id', 'nobody')
    expect(code).toBe(1)
    expect(stderr).toContain('AccessKeyInvalid')
  })
})

test('login stores a profile that only its owner can read', async () => {
  const { code, stdout } = await system.run('login', '--profile', 'mine')
  expect([code, stdout]).toEqual([0, expect.stringContaining('profile "mine" saved in')])
  const file = join(system.folder, '.config/chandler/profiles.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ mine: { server: system.server } })
  expect(await system.run('instance', 'list', '--profile', 'mine')).toMatchObject({ code: 0 })
})

test('package files are put into buckets, listed, read back and deleted', async () => {
  const file = join(system.folder, 'demo 1.0.rpm')
  await writeFile(file, 'a package')
  expect(await system.json('bucket', 'create', 'my-ext')).toEqual({ name: 'my-ext' })
  expect(await system.json('bucket', 'list')).toEqual([expect.objectContaining({ name: 'my-ext' })])
  const object = await system.json<{ key: string; sizeBytes: number }>('object', 'put', file, 'my-ext/demo/')
  expect(object).toMatchObject({ bucket: 'my-ext', key: 'demo/demo 1.0.rpm', sizeBytes: 9 })
  // The server has these bytes: they get a second name and are not sent again.
  await system.json('object', 'put', file, 'my-ext/other')
  expect(await system.json('object', 'list', 'my-ext', '--prefix', 'demo/')).toEqual([object])
  expect(await system.json('object', 'list', 'my-ext')).toHaveLength(2)
  const copy = join(system.folder, 'copy')
  expect(await system.json('object', 'get', 'my-ext/demo/demo 1.0.rpm', copy)).toMatchObject({ sizeBytes: 9 })
  expect(await readFile(copy, 'utf8')).toBe('a package')

  expect(await system.run('bucket', 'delete', 'my-ext')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('BucketNotEmpty'),
  })
  for (const key of ['demo/demo 1.0.rpm', 'other']) await system.json('object', 'delete', `my-ext/${key}`)
  expect(await system.run('object', 'get', 'my-ext/other', copy)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ObjectNotFound'),
  })
  expect(await system.run('bucket', 'delete', 'my-ext')).toMatchObject({ code: 0 })
})

test('tags, join tokens, access keys and versions are changed by their commands', async () => {
  const [id = ''] = ids
  expect(await system.json('instance', 'tag', id, 'role=web', 'env-')).toMatchObject({ tags: { role: 'web' } })
  expect(await system.json('instance', 'tag', id, 'env=test', 'role-')).toMatchObject({ tags: { env: 'test' } })
  const [token] = await system.json<{ id: string }[]>('token', 'list')
  expect(await system.run('token', 'revoke', token?.id ?? '')).toMatchObject({ code: 0 })
  const key = await system.json<{ id: string; secret: string }>('access-key', 'create', '--description', 'for a test')
  expect(await system.run('access-key', 'disable', key.id)).toMatchObject({ code: 0 })
  expect(await system.json('access-key', 'list')).toContainEqual(
    expect.objectContaining({ id: key.id, status: 'disabled' }),
  )

  await system.createExtension('old')
  expect(await system.json('extension', 'tag', 'old', 'team=x', '--group', 'rg-1')).toEqual({
    name: 'old',
    tags: { team: 'x' },
    resourceGroup: 'rg-1',
  })
  expect(await system.json('extension', 'tag', 'old', 'team-')).toMatchObject({ tags: {}, resourceGroup: 'rg-1' })
  expect(await system.run('extension', 'deprecate', 'old', 'v1')).toMatchObject({ code: 0 })
  expect(await system.run('install', 'old', '--targets', 'all', '--version', 'v1')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('deprecated'),
  })
  expect(await system.run('extension', 'undeprecate', 'old', 'v1')).toMatchObject({ code: 0 })
  expect(await system.run('extension', 'delete', 'old')).toMatchObject({ code: 0 })
  expect(await system.json<{ action: string }[]>('audit-log', '--limit', '3')).toHaveLength(3)
})
