import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parsePolicy } from '../../../src/core/access/parse-policy.ts'
import type { InstanceId } from '../../../src/core/id.ts'
import { createJoinToken } from '../../../src/server/app/instance/create-join-token.ts'
import { startBootProfiles } from '../../../src/server/app/instance/start-boot-profiles.ts'
import { setBootToken } from '../../../src/store/instance/boot-profiles.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  for (const name of ['base', 'demo']) await plane.makeExtension(name)
})
afterEach(() => plane.stop())

const signal = new AbortController().signal
const request = {
  ttlMs: 60_000,
  tags: {},
  resourceGroup: '',
  role: 'ExtensionInstance',
  allowedTags: [],
  approve: false,
}
const install = [
  { extension: 'base', parameters: {} },
  { extension: 'demo', version: 'v1', parameters: { port: 1, token: 's3cret' } },
]

/** Instances that have joined with such a token and are connected to a live server. */
async function joinWithProfile(count: number) {
  const { id: token } = await createJoinToken(plane.context, actor, { ...request, install })
  const ids = await plane.enrol(count)
  await sql`insert into servers (id, host_name) values ('server-1', 'test') on conflict do nothing`.execute(
    plane.db.database,
  )
  await sql`update instances set connected_to = 'server-1' where id = any(${ids})`.execute(plane.db.database)
  for (const id of ids) await setBootToken(plane.db.database, id, token)
  return { token, ids }
}

async function readBoot(id: InstanceId) {
  const { rows } = await sql<{ execution: string | null; failure: { code: string } | null; due: boolean }>`
    select boot_execution_id as execution, boot_failure as failure, boot_due_at is not null as due from instances where id = ${id}
  `.execute(plane.db.database)
  return rows[0]
}
const countExecutions = async () =>
  Number((await sql<{ n: string }>`select count(*) as n from executions`.execute(plane.db.database)).rows[0]?.n)

test('each instance gets one execution, whichever servers look at once and whenever they are killed', async () => {
  const { ids } = await joinWithProfile(3)
  await Promise.all([startBootProfiles(plane.context, signal), startBootProfiles(plane.context, signal)])
  expect(await countExecutions()).toBe(3)
  const before = await Promise.all(ids.map(readBoot))
  for (const boot of before) expect(boot).toMatchObject({ execution: expect.stringMatching(/^exec-/), due: false })

  // Killed after the execution was started and before the instance had it.
  await sql`update instances set boot_execution_id = null, boot_due_at = now()`.execute(plane.db.database)
  await startBootProfiles(plane.context, signal)
  expect(await countExecutions()).toBe(3)
  expect(await Promise.all(ids.map(readBoot))).toEqual(before)
})

test('secret values reach the execution, and are in no column as text', async () => {
  const { ids } = await joinWithProfile(1)
  await startBootProfiles(plane.context, signal)
  const { rows } = await sql<{ text: string }>`
    select k::text as text from join_tokens k union all select i::text from instances i union all select e::text from executions e
  `.execute(plane.db.database)
  for (const { text } of rows) expect(text).not.toContain('s3cret')
  const work = await plane.takeWork(ids, 1)
  await plane.end(work)
  const second = await plane.takeWork(ids, 1)
  expect(second).toHaveLength(1)
})

test.each([
  ['waits for approval', sql`admission = 'pending'`],
  ['is quarantined', sql`admission = 'quarantined'`],
  ['is removed', sql`removed_at = now()`],
  ['is not connected', sql`connected_to = null`],
])('an instance that %s gets nothing', async (_, change) => {
  const { ids } = await joinWithProfile(1)
  await sql`update instances set ${change} where id = any(${ids})`.execute(plane.db.database)
  await startBootProfiles(plane.context, signal)
  expect(await countExecutions()).toBe(0)
})

test('a profile that cannot be started keeps the reason and is due later; others are started', async () => {
  const { ids } = await joinWithProfile(1)
  await sql`update join_tokens set boot_profile = jsonb_set(boot_profile, '{extensions,0,extension}', '"gone"')`.execute(
    plane.db.database,
  )
  const other = await joinWithProfile(1)
  await startBootProfiles(plane.context, signal)
  expect(await readBoot(ids[0] as InstanceId)).toMatchObject({
    execution: null,
    failure: { code: 'ExtensionNotFound' },
    due: true,
  })
  expect(await readBoot(other.ids[0] as InstanceId)).toMatchObject({ execution: expect.any(String), failure: null })
  await startBootProfiles(plane.context, signal)
  expect(await countExecutions()).toBe(1)
})

test('a token with a profile needs the permission to start it', async () => {
  const parsed = parsePolicy({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: 'chandler:CreateJoinToken', Resource: '*' },
      {
        Effect: 'Allow',
        Action: 'oos:StartExecution',
        Resource: ['acs:oos:*:*:template/base', 'acs:oos:*:*:instance/*'],
      },
    ],
  })
  if (!('document' in parsed)) throw new Error('the policy is invalid')
  const narrow = { ...actor, name: 'narrow', policies: [{ name: 'base-only', document: parsed.document }] }
  await expect(createJoinToken(plane.context, narrow, { ...request, install })).rejects.toMatchObject({
    code: 'AccessDenied',
  })
  const allowed = await createJoinToken(plane.context, narrow, { ...request, install: install.slice(0, 1) })
  expect(allowed.bootProfile?.extensions).toEqual([{ extension: 'base', parameters: {} }])
})
