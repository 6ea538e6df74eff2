/** Saved groups as targets, on a real database. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parsePolicy } from '../../../src/core/access/parse-policy.ts'
import type { ExecutionId } from '../../../src/core/id.ts'
import { readTasks } from '../../../src/server/app/execution/read-executions.ts'
import {
  changeGroup,
  createGroup,
  readGroup,
  readGroups,
  removeGroup,
} from '../../../src/server/app/instance/groups.ts'
import { listInstances } from '../../../src/server/app/instance/list-instances.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
  await plane.enrol(2, { tags: { env: 'prod', team: 'a' } })
  await plane.enrol(1, { tags: { env: 'prod', team: 'b' } })
  await plane.enrol(1, { tags: { env: 'test' } })
  await plane.stopDispatcher()
})
afterEach(() => plane.stop())

const group = (name: string, filter: string) => createGroup(plane.context, actor, { name, filter, description: '' })
const targets = { kind: 'savedGroup', name: 'prod' } as const
const targetsOf = async (id: ExecutionId) =>
  (await readTasks(plane.context, actor, id, { limit: 10 })).map(({ instance_name: name }) => name).toSorted()

test('an execution on a group has the instances that match when it starts', async () => {
  expect(await group('prod', ' tag:env=prod, status=offline')).toMatchObject({
    filter: 'tag:env=prod,status=offline',
    matching: 3,
    offline: 3,
  })
  expect(await targetsOf(await plane.start({ extension: 'demo', targets }))).toHaveLength(3)
  await plane.enrol(1, { tags: { env: 'prod' } })
  expect(await targetsOf(await plane.start({ extension: 'demo', targets }))).toHaveLength(4)
  const page = { order: { by: 'name', ascending: true }, limit: 10 } as const
  expect(await listInstances(plane.context, actor, { targets: 'group:prod' }, page)).toHaveLength(4)
  await removeGroup(plane.context, actor, 'prod')
  await expect(plane.start({ extension: 'demo', targets })).rejects.toMatchObject({ code: 'GroupNotFound' })
})

test('a group that suddenly matches every instance needs a confirmation, once', async () => {
  await group('prod', 'tag:env!=test')
  await plane.db.database
    .updateTable('instances')
    .set({ tags: '{}' as never })
    .execute()
  const start = (confirmation = {}) => plane.start({ extension: 'demo', targets, ...confirmation })
  await expect(start()).rejects.toMatchObject({
    code: 'GroupUnconfirmed',
    message: 'The group prod now matches all 4 instances; at its last use it matched 3 of 4.',
  })
  await start({ confirmTargets: true })
  await start()
  await changeGroup(plane.context, actor, { name: 'prod', filter: 'tag:env=test' })
  await expect(start()).rejects.toMatchObject({ code: 'TargetsEmpty' })
})

test('the instances of a group are a batch; a group outside of the targets is refused', async () => {
  await group('prod', 'tag:env=prod')
  await group('canary', 'tag:team=b')
  await group('test', 'tag:env=test')
  const start = (...batches: string[]) =>
    plane.start({ extension: 'demo', targets, rateControl: { mode: 'Batch', batches } })
  const id = await start('group:canary', '50%')
  const tasks = await readTasks(plane.context, actor, id, { limit: 10 })
  const teamOf = new Map(
    (await plane.db.database.selectFrom('instances').select(['id', 'tags']).execute()).map((row) => [
      row.id,
      row.tags['team'],
    ]),
  )
  expect(tasks.map(({ batch, instance_id: instanceId }) => [batch, teamOf.get(instanceId)])).toEqual([
    [1, 'b'],
    [2, 'a'],
    [2, 'a'],
  ])
  // Instead of starting without the group that was to be first.
  await expect(start('group:test', '50%')).rejects.toMatchObject({
    code: 'RateControlInvalid',
    message: expect.stringContaining('has group:test, and no target that can get the change is in this group'),
  })
  await expect(start('group:nope', '50%')).rejects.toMatchObject({ code: 'GroupNotFound' })
  const left = await plane.start({
    extension: 'demo',
    targets,
    rateControl: { mode: 'Batch', batches: ['group:test', 2] },
    skipsEmptyBatches: true,
  })
  expect((await readTasks(plane.context, actor, left, { limit: 10 })).map(({ batch }) => batch)).toEqual([1, 1, 2])
})

test('wrong groups are refused with their reason', async () => {
  await group('prod', 'all')
  await expect(group('prod', 'all')).rejects.toMatchObject({ code: 'GroupExists' })
  await expect(group('web', 'colour=red')).rejects.toMatchObject({ code: 'GroupInvalid' })
  await expect(group('web', 'extension=nope')).rejects.toMatchObject({ code: 'ExtensionNotFound' })
  await expect(readGroup(plane.context, actor, 'web')).rejects.toMatchObject({ code: 'GroupNotFound' })
  await expect(removeGroup(plane.context, actor, 'web')).rejects.toMatchObject({ code: 'GroupNotFound' })
})

test('users see the counts of the instances that they may see', async () => {
  await group('prod', 'tag:env=prod')
  await group('everyone', 'all')
  const parsed = parsePolicy({
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringEquals: { 'acs:ResourceTag/team': 'a' } } },
    ],
  })
  if (!('document' in parsed)) throw new Error('the policy is valid')
  const member = { ...actor, name: 'member', policies: [{ name: 'team', document: parsed.document }] }
  const counts = (await readGroups(plane.context, member)).map(({ name, matching }) => [name, matching])
  expect(counts).toEqual([
    ['everyone', 2],
    ['prod', 2],
  ])
})
