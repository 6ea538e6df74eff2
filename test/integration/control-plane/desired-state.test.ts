/** Drift and readiness on a real database: the test reports for the agents, and evaluates assignments. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InstanceId } from '../../../src/core/id.ts'
import { makeTextReason } from '../../../src/core/reason/reason.ts'
import { presentInstance } from '../../../src/server/api/present/present-instance.ts'
import { applyDrift } from '../../../src/server/app/agent/apply-drift.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { putAssignment, readAssignment } from '../../../src/server/app/assignment/assignments.ts'
import { evaluateAssignments } from '../../../src/server/app/assignment/evaluate-assignments.ts'
import { settleBoots } from '../../../src/server/app/assignment/settle-boots.ts'
import { createExtension } from '../../../src/server/app/extension/create-extension.ts'
import { getInstance } from '../../../src/server/app/instance/get-instance.ts'
import { createGroup } from '../../../src/server/app/instance/groups.ts'
import { listInstanceValues } from '../../../src/server/app/instance/list-instance-values.ts'
import { createWebhook } from '../../../src/server/app/notification/webhooks.ts'
import { makePlan } from '../../../src/server/app/plan/make-plan.ts'
import { awaitAssignments, setBootToken } from '../../../src/store/instance/boot-profiles.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let web: InstanceId[]
let extensionId: string
beforeEach(async () => {
  plane = await startControlPlane()
  await createExtension(plane.context, actor, {
    name: 'demo',
    type: 'Application',
    description: '',
    versionDescription: '',
    scope: {},
    parameters: {},
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: { install: '#!/bin/sh\ntrue\n', uninstall: '#!/bin/sh\ntrue\n' },
        verify: [{ kind: 'file', path: '/opt/demo', withinMs: 0 }],
        run: { timeoutMs: 60_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
  extensionId = (await plane.db.pool.query("select id from extensions where name = 'demo'")).rows[0].id
  web = await plane.enrol(2, { tags: { role: 'web' } })
  await plane.enrol(2, { tags: { role: 'db' } })
  await plane.db.pool.query("insert into servers (id, host_name) values ('server-1', 'test')")
  await plane.db.pool.query("update instances set connected_to = 'server-1'")
  await createGroup(plane.context, actor, { name: 'web', filter: 'tag:role=web', description: '' })
})
afterEach(() => plane.stop())

const putDemo = (repair: boolean) =>
  putAssignment(
    plane.context,
    actor,
    {
      name: 'demo-on-web',
      description: '',
      group: 'web',
      extension: 'demo',
      version: 'v1',
      parameters: {},
      rateControl: {},
      window: undefined,
      priority: 0,
      repair,
    },
    { replaces: true },
  )
const evaluate = () => evaluateAssignments(plane.context, new AbortController().signal)

async function executions(): Promise<{ id: string; instances: number }[]> {
  const { rows } = await plane.db.pool.query(
    'select id, task_count::int as instances from executions where assignment_id is not null order by created_at',
  )
  return rows
}

/** The instances do their work, and report what they were given as installed. */
async function finish(count: number): Promise<void> {
  const reports: Parameters<typeof applyReports>[1][number][] = []
  await plane.until(async () => {
    for (const [instanceId, { invocations }] of await handOutWork(plane.context, web))
      for (const { id, wanted } of invocations) {
        const end = makeEnd(instanceId, id, 'succeeded')
        if (end.kind !== 'end' || !wanted) continue
        const { version, parametersDigest, contentDigest } = wanted
        const configurationId = wanted.configuration.id
        const installed = { status: 'installed' as const, version, configurationId, parametersDigest, contentDigest }
        reports.push({ ...end, outcome: { ...end.outcome, installed } })
      }
    return reports.length >= count
  })
  await applyReports(plane.context, reports)
  await plane.until(async () => {
    const { rows } = await plane.db.pool.query('select from executions where ended_at is null')
    return rows.length === 0
  })
  // It was a while ago.
  await plane.db.pool.query("update task_executions set ended_at = now() - interval '1 hour'")
}

async function installed(): Promise<{ version: number; digest: string }> {
  const { rows } = await plane.db.pool.query(
    'select version, parameters_digest as digest from installed_states where extension_id = $1 limit 1',
    [extensionId],
  )
  return rows[0]
}

/** What the agent of an instance reports. */
async function report(instanceId: InstanceId, change: { version?: number; ids?: string[]; agoMs?: number } = {}) {
  const { version, digest } = await installed()
  const entries = (change.ids ?? [extensionId]).map((id) => ({
    extensionId: id,
    version: change.version ?? version,
    configurationId: 'c1',
    parametersDigest: digest,
    agoMs: change.agoMs ?? 60_000,
    reasonMessages: makeTextReason('The check file /opt/demo did not hold within 0 s: there is no such file.'),
  }))
  await applyDrift(plane.context, [{ instanceId, entries }])
}

const shownDrift = async (instanceId: InstanceId) =>
  presentInstance(await getInstance(plane.context, actor, instanceId)).installed.map(({ drift }) => drift)

const plan = async (filter: string) => {
  const { planned } = await makePlan(plane.context, actor, {
    operation: { kind: 'extension', action: 'install', extension: 'demo', parameters: {} },
    targets: { kind: 'filter', filter },
    rateControl: {},
  })
  return planned.map(({ instanceId, step }) => ({ instanceId, step }))
}

test('drift is shown with its time, selects instances, and is reported to webhooks once', async () => {
  await createWebhook(plane.context, actor, { name: 'ops', url: 'https://hooks.example/1', events: ['drift'] })
  await putDemo(false)
  await evaluate()
  await finish(2)
  const [first, second] = web as [InstanceId, InstanceId]
  expect(await shownDrift(first)).toEqual([undefined])
  await report(first)
  const [drift] = await shownDrift(first)
  expect(drift).toMatchObject({ reason: expect.stringContaining('/opt/demo'), since: expect.any(String) })
  // The same finding again, later: since when does not change.
  await report(first, { agoMs: 5_000 })
  expect(await shownDrift(first)).toEqual([drift])
  // About another version, or another extension: late.
  await report(second, { version: 7 })
  await report(second, { ids: ['ext-other'] })
  expect(await shownDrift(second)).toEqual([undefined])
  expect(await plan('drifted=demo')).toEqual([{ instanceId: first, step: 'verify' }])
  expect(await plan('drifted=demo@v1')).toHaveLength(1)
  expect(await plan('drifted!=*')).toHaveLength(3)
  expect((await listInstanceValues(plane.context, actor, { property: 'drifted' })).values).toEqual([
    { value: 'demo', count: 1 },
    { value: 'demo@v1', count: 1 },
  ])
  const { rows } = await plane.db.pool.query('select type, data from notification_events')
  expect(rows).toMatchObject([
    {
      type: 'drift',
      data: { kind: 'drift', drift: { count: 1, first: [{ id: first, extension: 'demo', version: 1 }] } },
    },
  ])
  await report(first, { ids: [] })
  expect(await shownDrift(first)).toEqual([undefined])
})

test('an assignment repairs only if it should, and a repaired instance has not drifted', async () => {
  await putDemo(false)
  await evaluate()
  await finish(2)
  const [first] = web as [InstanceId]
  await report(first)
  await evaluate()
  expect(await executions()).toHaveLength(1)
  expect((await readAssignment(plane.context, actor, 'demo-on-web')).row.outcome).toMatchObject({
    asDesired: 2,
    drifted: 1,
  })
  await putDemo(true)
  await evaluate()
  await evaluate()
  const [, repair] = await executions()
  expect(repair).toMatchObject({ instances: 1 })
  await finish(1)
  expect(await shownDrift(first)).toEqual([undefined])
  await evaluate()
  expect(await executions()).toHaveLength(2)
})

const readBoot = async (instanceId: InstanceId) => {
  const { ready, boot } = presentInstance(await getInstance(plane.context, actor, instanceId))
  return { ready, assignments: boot?.assignments }
}

test('an instance that joins is ready when the assignments hold that apply to it, and stays ready', async () => {
  const [first, second] = web as [InstanceId, InstanceId]
  // Nothing is assigned in the account.
  await awaitAssignments(plane.db.database, first, actor.accountId)
  expect(await readBoot(first)).toEqual({ ready: true, assignments: undefined })
  await putDemo(false)
  const [db] = (await plane.db.pool.query("select id from instances where tags ->> 'role' = 'db' limit 1")).rows
  for (const id of [first, second, db.id]) await awaitAssignments(plane.db.database, id, actor.accountId)
  expect(await readBoot(first)).toEqual({ ready: false, assignments: [] })
  await settleBoots(plane.context)
  expect(await readBoot(first)).toEqual({ ready: false, assignments: ['demo-on-web'] })
  // None applies to it.
  expect(await readBoot(db.id)).toEqual({ ready: true, assignments: undefined })
  await evaluate()
  await finish(2)
  await settleBoots(plane.context)
  expect(await readBoot(first)).toEqual({ ready: true, assignments: undefined })
  await plane.db.pool.query('delete from installed_states where instance_id = $1', [first])
  await settleBoots(plane.context)
  expect(await readBoot(first)).toEqual({ ready: true, assignments: undefined })
})

test('the boot profile of the token comes before assignments', async () => {
  const [first] = web as [InstanceId]
  await putDemo(false)
  await setBootToken(plane.db.database, first, 'jt-1')
  await evaluate()
  expect(await executions()).toMatchObject([{ instances: 1 }])
})
