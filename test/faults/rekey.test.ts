// `chandler server rekey` on a database with every kind of secret; it is killed half-way, and continues.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest'
import { createClient } from '../../src/client/client.ts'
import { isEnded } from '../../src/core/execution/execution.ts'
import { sealedColumns } from '../../src/store/server/sealed-columns.ts'
import { startTestDatabase, type TestDatabase } from '../integration/database/postgres.ts'
import { type Program, startProgram } from './program.ts'
import { type Agent, createSystem, type Server, type System } from './system.ts'

const secretValue = 'a-secret-value'
let system: System
let db: TestDatabase
let environment: Readonly<Record<string, string>>
let server: Server
let agent: Agent
let data: string

beforeAll(async () => {
  system = await createSystem()
  db = await startTestDatabase()
  environment = { DATABASE_URL: db.url }
  data = join(system.folder, 's1')
  server = await system.addServer({ name: 's1', environment })
  ;[agent] = (await system.addAgents(server, ['a1'])) as [Agent]
  const script = `#!/bin/sh\necho "$CHANDLER_ACTION $CHANDLER_PARAM_token" >> ${join(system.folder, 'values')}\n`
  await server.client.extensions.create({
    name: 'demo',
    type: 'Application',
    description: '',
    versionDescription: '',
    scope: {},
    parameters: { token: { type: 'String', noEcho: true } },
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: { install: script, uninstall: script },
        verify: [],
        run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
  await change('install', { token: secretValue })
  // Executions of several extensions, and with values of instances, have their secrets in rows of their own.
  const columns = 'account_id, extension_id, parameters, parameters_digest, secret_parameters_sealed'
  const secrets = `account_id, extension_id, '{}'::jsonb, request_digest, secret_parameters_sealed from executions`
  await db.pool.query(`insert into execution_parts (execution_id, part, extension_name, version, ${columns})
    select id, 1, 'demo', 1, ${secrets}`)
  await db.pool.query(`insert into parameter_sets (execution_id, part, number, changes, ${columns})
    select id, 1, 1, '[]'::jsonb, ${secrets}`)
  // What a rollback would restore.
  await db.pool.query(`insert into state_changes
    (execution_id, instance_id, extension_id, account_id, ordinal, part, before_sealed, before_execution_id)
    select id, 'i-other', extension_id, account_id, 0, 1, secret_parameters_sealed, id from executions`)
  await server.client.joinTokens.create({ install: [{ extension: 'demo', parameters: { token: secretValue } }] })
  await createLaterSecrets()
  // What servers with TLS have: sealed by rotate-ca, as by a start.
  await server.program.end('SIGTERM')
  await runCommand('rotate-ca')
}, 240_000)
afterAll(async () => {
  await system?.stop()
  await db?.stop()
})

/** Of keys for the OOS API, named secrets, webhooks, assignments, schedules, second factors and executions that approvers sign. */
async function createLaterSecrets() {
  const { accessKeys, executions, groups, assignments, passwords, schedules, secrets, users, webhooks } = server.client
  await accessKeys.create({ kind: 'oos' })
  const password = 'a-password-of-ann-4711'
  await users.create({ name: 'ann' })
  await passwords.set('ann', { password })
  const { id: accessKeyId, secret: accessKeySecret } = await accessKeys.create({ userName: 'ann' })
  await createClient({ server: server.url, accessKeyId, accessKeySecret }).secondFactor.begin(password)
  await secrets.put('db', 'the-value-of-db-4711')
  await webhooks.create({ name: 'ci', url: 'https://ci.example/hook' })
  await groups.create({ name: 'nobody', filter: 'tag:role=none' })
  const desired = { extension: 'demo', version: 'v1', parameters: { token: secretValue } }
  await assignments.create({ name: 'demo-on-nobody', group: 'nobody', ...desired })
  const request = { action: 'install', extension: 'demo', parameters: desired.parameters } as const
  const targets = { kind: 'ids' as const, ids: [agent.id] }
  await schedules.create({ name: 'yearly', cron: '0 0 1 1 *', request: { ...request, targets } })
  const { id } = await executions.start({ ...request, targets, reinstall: true, approval: { signatures: 1 } })
  await executions.cancel(id)
  await vi.waitFor(async () => expect((await executions.get(id)).status).toBe('Cancelled'), { interval: 50 })
}

async function change(action: 'install' | 'uninstall', parameters: Readonly<Record<string, string>> = {}) {
  const targets = { kind: 'ids' as const, ids: [agent.id] }
  const { id } = await server.client.executions.start({ action, extension: 'demo', targets, parameters })
  await vi.waitFor(async () => expect(isEnded((await server.client.executions.get(id)).status)).toBe(true), {
    timeout: 110_000,
    interval: 50,
  })
  return server.client.executions.getTask(id, agent.id)
}

const command = (name: string, ...args: string[]): Program =>
  startProgram(['server', name, '--data', data, ...args], environment)

/** Runs to the end; returns what it printed. */
async function runCommand(name: string, ...args: string[]): Promise<string> {
  const program = command(name, ...args)
  expect(await program.ended, program.log.join('\n')).toBe(0)
  return program.log.join('\n')
}

const countSealed = async () => {
  const counts = new Map<string, number>()
  for (const { table, column } of sealedColumns) {
    const { rows } = await db.pool.query<{ n: number }>(`select count(${column})::int as n from ${table}`)
    counts.set(table, rows[0]?.n ?? 0)
  }
  return counts
}

test('every column with sealed values is known', async () => {
  const { rows } = await db.pool.query<{ place: string }>(`
    select table_name || '.' || column_name as place from information_schema.columns
    where table_schema = 'public' and column_name like '%sealed%' order by 1`)
  expect(rows.map(({ place }) => place)).toEqual(sealedColumns.map(({ table, column }) => `${table}.${column}`).sort())
})

test('a command that was killed half-way continues; servers do not start in between', async () => {
  onTestFailed(() => console.error(system.describe()))
  const counts = await countSealed()
  expect([...counts.keys()].filter((table) => counts.get(table) === 0)).toEqual(['acme_certificates', 'secret_keys'])
  const oldKey = await readFile(join(data, 'secret.key'), 'utf8')
  const sealed = async (table: string, column: string) =>
    (await db.pool.query<{ sealed: Buffer }>(`select ${column} as sealed from ${table} where ${column} is not null`))
      .rows
  const [accessKeys, states] = await Promise.all([
    sealed('access_keys', 'secret_sealed'),
    sealed('installed_states', 'secret_parameters_sealed'),
  ])

  // It stops at a row that another session holds, and is killed there.
  const holder = await db.pool.connect()
  await holder.query('begin')
  await holder.query('select 1 from installed_states for update')
  const killed = command('rekey')
  await vi.waitFor(
    async () => {
      const { rows } = await db.pool.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      expect(rows).toHaveLength(1)
    },
    { timeout: 110_000, interval: 20 },
  )
  await killed.end('SIGKILL')
  await holder.query('rollback')
  holder.release()
  expect(await sealed('access_keys', 'secret_sealed')).not.toEqual(accessKeys)
  expect(await sealed('installed_states', 'secret_parameters_sealed')).toEqual(states)
  await expect(server.start()).rejects.toThrow(/The secret key of this database is being replaced.*rekey" .*again/)
  // Neither does one that has the key from elsewhere.
  const other = startProgram(['server', '--data', join(system.folder, 'other'), '--listen', '127.0.0.1:0'], {
    ...environment,
    CHANDLER_SECRET_KEY: oldKey.trim(),
  })
  expect(await other.ended).toBe(1)
  expect(other.log.join('\n')).toContain('is being replaced')

  await runCommand('rekey')
  expect(await readFile(join(data, 'secret.key'), 'utf8')).not.toBe(oldKey)
  expect(existsSync(join(data, 'secret.key.next'))).toBe(false)
  const [kept = ''] = (await readdir(data)).filter((name) => name.startsWith('secret.key.until-'))
  expect(await readFile(join(data, kept), 'utf8')).toBe(oldKey)

  // The access key, the installed values, and the digests of agents and server are as before.
  await server.start()
  await agent.program.says(/connected to /)
  await vi.waitFor(async () => expect((await server.client.instances.get(agent.id)).status).toBe('online'), {
    timeout: 110_000,
    interval: 50,
  })
  expect(await change('install', { token: secretValue })).toMatchObject({ step: 'none' })
  expect((await change('uninstall')).status).toBe('Success')
  expect((await readFile(join(system.folder, 'values'), 'utf8')).trim().split('\n')).toEqual([
    `install ${secretValue}`,
    `uninstall ${secretValue}`,
  ])
})

test('it refuses while a server runs, and with a key of another database; nothing changes', async () => {
  onTestFailed(() => console.error(system.describe()))
  if (!server.program.isRunning) await server.start()
  const otherData = join(system.folder, 'elsewhere')
  const key = (await readFile(join(data, 'secret.key'), 'utf8')).trim()
  const elsewhere = { ...environment, CHANDLER_SECRET_KEY: key }
  const second = startProgram(['server', '--data', otherData, '--listen', '127.0.0.1:0'], elsewhere)
  await second.says(/^chandler listening/)
  await second.end('SIGTERM')
  const newKey = join(system.folder, 'new.key')
  const rekey = (variables: Readonly<Record<string, string>>) =>
    startProgram(['server', 'rekey', '--data', otherData, '--new-key', newKey], variables)

  const refused = rekey(elsewhere)
  expect(await refused.ended).toBe(1)
  expect(refused.log.join('\n')).toContain('1 server runs on this database')
  await server.program.end('SIGTERM')
  const wrong = rekey({ ...environment, CHANDLER_SECRET_KEY: Buffer.alloc(32, 1).toString('base64') })
  expect(await wrong.ended).toBe(1)
  expect(wrong.log.join('\n')).toMatch(/can be opened with neither key: access-key\/.*Nothing was changed/)
  await server.start()
  expect(await server.client.whoami.get()).toMatchObject({ userName: 'admin' })

  await server.program.end('SIGTERM')
  const moved = rekey(elsewhere)
  expect(await moved.ended).toBe(0)
  expect(moved.log.join('\n')).toContain(`Set CHANDLER_SECRET_KEY of every server to the content of ${newKey}`)
})
