import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsePolicy } from '../../../src/core/access/parse-policy.ts'
import type { InstanceId } from '../../../src/core/id.ts'
import { planPageSize } from '../../../src/core/limits.ts'
import type { ShownTarget } from '../../../src/core/plan/plan-difference.ts'
import { makeReason, makeTextReason } from '../../../src/core/reason/reason.ts'
import type { Actor } from '../../../src/server/app/context.ts'
import { readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { createVersion } from '../../../src/server/app/extension/create-version.ts'
import { removeInstance } from '../../../src/server/app/instance/remove-instance.ts'
import { planExecution, readPlanPage } from '../../../src/server/app/plan/kept-plans.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane.stop())

const requestOf = (extension: string, parameters = {}) => ({
  operation: { kind: 'extension', action: 'install', extension, parameters } as const,
  targets: { kind: 'tags', tags: { test: extension } } as const,
  rateControl: {},
})
const planOf = (extension: string, parameters = {}) =>
  planExecution(plane.context, actor, requestOf(extension, parameters))
const setUp = async (name: string, count: number): Promise<InstanceId[]> => {
  await plane.makeExtension(name)
  return plane.enrol(count, { tags: { test: name } })
}

test('a plan is paginated as of the moment of its creation, with each target once', async () => {
  const ids = await setUp('paged', 2 * planPageSize + 1)
  const { id, page } = await planOf('paged')
  const [gone] = ids
  await removeInstance(plane.context, actor, gone!, { force: true })
  await plane.enrol(1, { tags: { test: 'paged' } })
  const targets: ShownTarget[] = [...page.targets]
  for (let next = page.next; next !== undefined; ) {
    const following = await readPlanPage(plane.context, actor, id, next)
    expect(following.targets.length).toBeLessThanOrEqual(planPageSize)
    targets.push(...following.targets)
    next = following.next
  }
  expect(targets.map(({ instanceId }) => instanceId).toSorted()).toEqual(ids.toSorted())
})

test('a plan belongs to the user who created it, and expires', async () => {
  await setUp('own', 1)
  const { id } = await planOf('own')
  const other: Actor = { ...actor, name: 'other' }
  await expect(readPlanPage(plane.context, other, id, 0)).rejects.toMatchObject({ code: 'PlanNotFound' })
  await plane.db.pool.query("update plans set created_at = now() - interval '2 hours' where id = $1", [id])
  const newer = await planOf('own')
  await expect(readPlanPage(plane.context, actor, id, 0)).rejects.toMatchObject({ code: 'PlanNotFound' })
  for (let count = 0; count < 20; count++) await planOf('own')
  await expect(readPlanPage(plane.context, actor, newer.id, 0)).rejects.toMatchObject({ code: 'PlanNotFound' })
})

test('an execution starts if its plan is the confirmed one', async () => {
  await setUp('same', 3)
  const { digest } = await planOf('same', { token: 'x' })
  await plane.db.pool.query("update instances set name = 'renamed-' || name where tags ->> 'test' = 'same'")
  expect((await planOf('same', { token: 'x' })).digest).toBe(digest)
  expect((await planOf('same', { token: 'y' })).digest).not.toBe(digest)
  const { operation, targets } = requestOf('same', { token: 'x' })
  const rateControl = { concurrency: '50%' }
  const id = await plane.start({ operation, targets, rateControl, ifPlan: digest, clientToken: 'once' })
  expect(await readTasks(plane.context, actor, id, { limit: 10 })).toHaveLength(3)
  // The same token returns the same execution, although the plan would differ by now.
  await plane.enrol(1, { tags: { test: 'same' } })
  expect(await plane.start({ operation, targets, rateControl, ifPlan: digest, clientToken: 'once' })).toBe(id)
})

test('changes since then are refused, with the differences', async () => {
  const ids = await setUp('changing', 3)
  const { digest } = await planOf('changing')
  const [added] = await plane.enrol(1, { tags: { test: 'changing' } })
  await removeInstance(plane.context, actor, ids[0]!, { force: true })
  const start = (as = actor) =>
    plane.start({ ...requestOf('changing'), ifPlan: digest }, as).catch((error: unknown) => error)
  const { digest: now } = await planOf('changing')
  expect(await start()).toMatchObject({
    code: 'PlanChanged',
    message: expect.stringContaining('targets: 1 added, 1 removed'),
    details: {
      digest: now,
      added: { count: 1, targets: [{ instanceId: added, step: 'install' }] },
      removed: { count: 1, targets: [{ instanceId: ids[0] }] },
      changed: { count: 0, targets: [] },
    },
  })
  // A user who may start but not plan gets no names.
  const policy = parsePolicy({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: 'oos:StartExecution', Resource: '*' }],
  })
  if (!('document' in policy)) throw new Error('the policy is not one')
  const starter: Actor = { ...actor, name: 'starter', policies: [{ name: 'start', document: policy.document }] }
  expect(await start(starter)).toMatchObject({ details: { added: { count: 1, targets: [] } } })
  const { rows } = await plane.db.pool.query(
    'select count(*)::int as n from executions e where e.operation ->> $1 = $2',
    ['extensionName', 'changing'],
  )
  expect(rows).toEqual([{ n: 0 }])
})

test('a newer version changes the plan of every target; an expired plan is refused, too', async () => {
  await setUp('newer', 2)
  const { digest } = await planOf('newer')
  await createVersion(plane.context, actor, 'newer', {
    versionDescription: '',
    scope: {},
    parameters: {},
    configurations: [
      {
        os: 'linux',
        arch: 'any',
        scripts: { install: 'true' },
        verify: [],
        run: { timeoutMs: 1_000, unpack: false, keepWorkspace: 'never' },
      },
    ],
  })
  await expect(plane.start({ ...requestOf('newer'), ifPlan: digest })).rejects.toMatchObject({
    code: 'PlanChanged',
    details: { changed: { count: 2, targets: [{ before: makeReason('InstallsNew', { version: 1 }) }, {}] } },
  })
  await plane.db.pool.query('delete from plans')
  await expect(plane.start({ ...requestOf('newer'), ifPlan: digest })).rejects.toMatchObject({
    code: 'PlanChanged',
    message: expect.stringContaining('that plan has expired'),
  })
})

test('a stored plan and its tasks have the reasons as codes; a plan of an earlier release keeps its text', async () => {
  const ids = await setUp('coded', 2)
  const { id, page } = await planOf('coded')
  expect(page.targets[0]?.reason).toEqual(makeReason('InstallsNew', { version: 1 }))
  expect(await readPlanPage(plane.context, actor, id, 0)).toEqual(page)
  const stored = await plane.db.pool.query<{ targets: string }>('select targets from plan_pages where plan_id = $1', [
    id,
  ])
  expect(stored.rows[0]?.targets).not.toContain('not installed')
  const execution = await plane.start({ extension: 'coded', targets: { kind: 'ids', ids } })
  const tasks = await readTasks(plane.context, actor, execution, { limit: 9 })
  expect(tasks.map(({ reason_messages: reason }) => reason)).toEqual(page.targets.map(({ reason }) => reason))

  const old = {
    instanceId: ids[0],
    name: 'web',
    step: 'skip',
    reasonCode: 'NotInScope',
    reason: 'debian 10 is below >=11',
  }
  await plane.db.pool.query('update plan_pages set targets = $2 where plan_id = $1', [id, JSON.stringify([old])])
  const { targets } = await readPlanPage(plane.context, actor, id, 0)
  expect(targets).toEqual([{ ...old, reason: makeTextReason(old.reason) }])
})

test('a version from before the stricter placeholder rules fails at planning', async () => {
  const ids = await setUp('older', 1)
  const script = "#!/bin/sh\neval 'echo {{ ACS::InstanceId }}'\n"
  const store = (kind: string, text: string) =>
    plane.db.pool.query(
      `update extension_versions set configurations = jsonb_set(configurations::jsonb, array['0', 'scripts', $1], to_jsonb($2::text))
       where extension_id = (select id from extensions where name = 'older')`,
      [kind, text],
    )
  const start = () => plane.start({ extension: 'older', targets: { kind: 'ids', ids } })
  const id = await start()
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(id, 'Success')
  const refusal =
    'the uninstall script, line 2, column 12: {{ ACS::InstanceId }} is refused in single quotes; use $CHANDLER_BUILTIN_InstanceId'
  await store('uninstall', script)
  await expect(planOf('older')).rejects.toThrow(`v1 of older cannot be run, configuration c1, ${refusal}`)
  const { page } = await planExecution(plane.context, actor, {
    ...requestOf('older'),
    operation: { kind: 'extension', action: 'uninstall', extension: 'older', parameters: {} },
  })
  expect(page.targets).toMatchObject([
    {
      step: 'skip',
      fromVersion: 1,
      reason: makeReason('UninstallScriptRefused', { version: 1, line: 2, column: 12 }),
    },
  ])
})
