import { afterEach, beforeEach, expect, test } from 'vitest'
import { parsePolicy } from '../../../src/core/access/parse-policy.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { putSecret, readSecrets, removeSecret } from '../../../src/server/app/access/secret/secrets.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { declareValues } from '../../../src/server/app/assignment/declared-values.ts'
import { readExecution, readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { createExtension } from '../../../src/server/app/extension/create-extension.ts'
import { createGroup } from '../../../src/server/app/instance/groups.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

const value = 'the-value-of-this-secret'
let plane: ControlPlane
let one: InstanceId

beforeEach(async () => {
  plane = await startControlPlane()
  one = (await plane.enrol(1))[0]!
  await createExtension(plane.context, actor, {
    name: 'demo',
    type: 'Application',
    description: '',
    versionDescription: '',
    scope: {},
    parameters: {
      token: { type: 'String', noEcho: true, default: '' },
      name: { type: 'String', default: '' },
    },
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: { install: '#!/bin/sh\ntrue\n' },
        verify: [],
        run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
})
afterEach(() => plane.stop())

const tokenOf = async (id: ExecutionId) => {
  await plane.untilStatus(id, 'Running')
  await plane.takeWork([one], 1)
  const { invocations = [] } = (await handOutWork(plane.context, [one])).get(one) ?? {}
  return invocations[0]?.wanted?.parameters['token']
}

/** Every text of every table, as a backup contains it. */
async function dump(): Promise<string> {
  const { rows } = await plane.db.pool.query<{ table_name: string }>(
    `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  )
  const texts: string[] = []
  for (const { table_name: table } of rows) {
    const found = await plane.db.pool.query(`select t::text as row from "${table}" t`)
    texts.push(...found.rows.map(({ row }) => String(row)))
  }
  return texts.join('\n')
}

test('only the instance gets the secret: rows, plans and the audit log contain its name', async () => {
  await putSecret(plane.context, actor, 'db', value)
  const id = await plane.start({ extension: 'demo', parameters: { token: 'secret:db' } })
  expect(await tokenOf(id)).toBe(value)
  const stored = await dump()
  expect(stored).toContain('secret:db')
  expect(stored).not.toContain(value)
  expect(
    JSON.stringify([
      await readExecution(plane.context, actor, id),
      await readTasks(plane.context, actor, id, { limit: 10 }),
    ]),
  ).not.toContain(value)
  expect(JSON.stringify(await readSecrets(plane.context, actor))).not.toContain(value)
})

test('a changed secret is handed out with the next change, and is no difference by itself', async () => {
  await putSecret(plane.context, actor, 'db', 'first')
  await createGroup(plane.context, actor, { name: 'all', filter: 'all', description: '' })
  await declareValues(plane.context, actor, {
    extension: 'demo',
    scope: 'group',
    subject: 'all',
    values: { token: 'secret:db' },
    replaces: true,
  })
  await putSecret(plane.context, actor, 'db', 'second')
  expect(await tokenOf(await plane.start({ extension: 'demo' }))).toBe('second')
})

test('references are checked: existence, kind of the parameter, and the permission for the secret', async () => {
  const start = (parameters: Record<string, string>, as = actor) => plane.start({ extension: 'demo', parameters }, as)
  await expect(start({ token: 'secret:nothing' })).rejects.toMatchObject({ code: 'SecretNotFound' })
  await putSecret(plane.context, actor, 'db', value)
  await expect(start({ name: 'secret:db' })).rejects.toMatchObject({ code: 'ParameterInvalid' })
  const parsed = parsePolicy({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: ['oos:*', 'ecs:*'], Resource: '*' }],
  })
  if ('problems' in parsed) throw new Error(parsed.problems.join())
  const starter = { ...actor, name: 'starter', policies: [{ name: 'starter', ...parsed }] }
  await expect(start({ token: 'secret:db' }, starter)).rejects.toMatchObject({ code: 'AccessDenied' })
})

test('a secret that something refers to is deleted only by force, and its work waits for it', async () => {
  await putSecret(plane.context, actor, 'db', value)
  await declareValues(plane.context, actor, {
    extension: 'demo',
    scope: 'tag',
    subject: 'env=prod',
    values: { token: 'secret:db' },
    replaces: true,
  })
  await expect(removeSecret(plane.context, actor, 'db', { force: false })).rejects.toMatchObject({
    code: 'SecretInUse',
  })
  const id = await plane.start({ extension: 'demo', parameters: { token: 'secret:db' } })
  await plane.untilStatus(id, 'Running')
  await removeSecret(plane.context, actor, 'db', { force: true })
  expect((await handOutWork(plane.context, [one])).get(one)).toMatchObject({ invocations: [] })
  await putSecret(plane.context, actor, 'db', value)
  await plane.db.pool.query('update invocations set hand_out_after = null')
  expect(await tokenOf(id)).toBe(value)
})
