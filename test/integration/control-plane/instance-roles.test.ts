/** The role of an instance decides at hand-out what the instance receives. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { createPrincipal } from '../../../src/server/app/access/create-principal.ts'
import { createPolicy } from '../../../src/server/app/access/policy/create-policy.ts'
import { setPolicyAttached } from '../../../src/server/app/access/policy/set-policy-attached.ts'
import { updatePolicy } from '../../../src/server/app/access/policy/update-policy.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import { readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { setInstanceRole } from '../../../src/server/app/instance/set-instance-role.ts'
import { showReason } from '../../../src/server/oos/execution/show-reason.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

const sha256 = 'ab'.repeat(32)

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('web-app')
  await plane.makeExtension('db-app')
  await plane.makeExtension('packed')
  const artifact = {
    sha256,
    sizeBytes: 3,
    fileName: 'v1.tar.gz',
    object: { bucket: 'releases', key: 'demo/v1.tar.gz' },
  }
  await plane.db.pool.query(
    `update extension_versions v set configurations = jsonb_set(configurations, '{0,artifact}', $1)
     from extensions e where e.id = v.extension_id and e.name = 'packed'`,
    [artifact],
  )
})
afterAll(() => plane.stop())

const allow = (action: string | string[], resource: string) => ({ Effect: 'Allow', Action: action, Resource: resource })
const documentOf = (...statements: object[]) => ({ Version: '1', Statement: statements })

async function makeRole(name: string, ...statements: object[]) {
  await createPrincipal(plane.context, actor, 'role', { name, description: '' })
  if (statements.length === 0) return
  await createPolicy(plane.context, actor, {
    name: `${name}-policy`,
    description: '',
    document: documentOf(...statements),
  })
  await setPolicyAttached(plane.context, actor, 'role', { name, policy: `${name}-policy`, attached: true })
}

async function enrolWith(role: string): Promise<InstanceId> {
  const [id] = await plane.enrol(1)
  await setInstanceRole(plane.context, actor, id!, role)
  return id!
}

const startOn = (ids: readonly InstanceId[], extension: string) =>
  plane.start({ extension, targets: { kind: 'ids', ids } })

const tasksOf = (id: ExecutionId) => readTasks(plane.context, actor, id, { limit: 10 })

const nothing = 'Nothing was run on the instance.'

test('a role without policies receives nothing; the task names the missing permission, and ends', async () => {
  await makeRole('bare')
  const ids = [await enrolWith('bare'), ...(await plane.enrol(1))]
  const id = await startOn(ids, 'web-app')
  const work = await plane.takeWork(ids, 1)
  expect(work.map(({ instanceId }) => instanceId)).toEqual([ids[1]])
  await plane.end(work)
  await plane.untilStatus(id, 'Failed')
  const task = (await tasksOf(id)).find(({ instance_id: instanceId }) => instanceId === ids[0])
  expect(task).toMatchObject({ status: 'Failed', reason_code: 'AccessDenied' })
  expect(showReason(task!)).toBe(
    `It cannot be handed out: role bare is not allowed to perform oos:GetTemplate on acs:oos:default:default:template/web-app: none of its policies allows it. ${nothing}`,
  )
})

test('a role that is limited to some extensions receives only those', async () => {
  await makeRole('web', allow('oos:GetTemplate', 'acs:oos:*:*:template/web-*'))
  const ids = [await enrolWith('web')]
  const allowed = await startOn(ids, 'web-app')
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(allowed, 'Success')
  const refused = await startOn(ids, 'db-app')
  await plane.until(async () => (await handOutWork(plane.context, ids)).size === 1 && (await endedAsFailed(refused)))
  expect(await tasksOf(refused)).toMatchObject([{ reason_code: 'AccessDenied' }])
})

test('a package file needs permissions on its bucket and itself; a deny statement wins', async () => {
  const template = allow('oos:GetTemplate', '*')
  const bucket = allow('oss:GetBucketAcl', 'acs:oss:*:*:releases')
  const object = allow('oss:GetObject', 'acs:oss:*:*:releases/demo/*')
  const cases = [
    { role: 'no-bucket', statements: [template, object], missing: 'oss:GetBucketAcl on acs:oss:*:default:releases' },
    {
      role: 'no-object',
      statements: [template, bucket],
      missing: 'oss:GetObject on acs:oss:*:default:releases/demo/v1.tar.gz',
    },
    {
      role: 'denied',
      statements: [
        template,
        bucket,
        object,
        { Effect: 'Deny', Action: 'oss:GetObject', Resource: 'acs:oss:*:*:releases/*' },
      ],
      missing:
        'oss:GetObject on acs:oss:*:default:releases/demo/v1.tar.gz: statement 4 of policy denied-policy denies it',
    },
    { role: 'all-of-it', statements: [template, bucket, object], missing: undefined },
  ]
  for (const { role, statements, missing } of cases) {
    await makeRole(role, ...statements)
    const ids = [await enrolWith(role)]
    const id = await startOn(ids, 'packed')
    if (missing === undefined) {
      await plane.end(await plane.takeWork(ids, 1))
      await plane.untilStatus(id, 'Success')
    } else {
      await plane.until(async () => (await handOutWork(plane.context, ids)).size === 1 && (await endedAsFailed(id)))
      const [task] = await tasksOf(id)
      expect(showReason(task!)).toContain(`role ${role} is not allowed to perform ${missing}`)
      expect(showReason(task!)).toContain(nothing)
    }
  }
})

test('a changed policy applies to the next work', async () => {
  await makeRole('changing', allow('oos:GetTemplate', '*'))
  const ids = [await enrolWith('changing')]
  const first = await startOn(ids, 'web-app')
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(first, 'Success')
  await updatePolicy(plane.context, actor, 'changing-policy', {
    document: documentOf(allow('oos:GetTemplate', 'acs:oos:*:*:template/web-app')),
  })
  const second = await startOn(ids, 'db-app')
  await plane.until(async () => (await handOutWork(plane.context, ids)).size === 1 && (await endedAsFailed(second)))
  expect(await tasksOf(second)).toMatchObject([{ reason_code: 'AccessDenied' }])
})

test('work that was handed out before, and may be with the agent, is not reported as never run', async () => {
  await makeRole('taken-away', allow('oos:GetTemplate', '*'))
  const ids = [await enrolWith('taken-away')]
  const id = await startOn(ids, 'web-app')
  const work = await plane.takeWork(ids, 1)
  await setPolicyAttached(plane.context, actor, 'role', {
    name: 'taken-away',
    policy: 'taken-away-policy',
    attached: false,
  })
  const again = await handOutWork(plane.context, ids)
  expect(again.get(ids[0]!)?.invocations).toEqual([])
  const [task] = await tasksOf(id)
  expect(task).toMatchObject({ status: 'Failed', reason_code: 'AccessDenied' })
  expect(showReason(task!)).toMatch(
    /^The server handed it out, the agent did not confirm it, and it cannot be handed out again: role taken-away /,
  )
  expect(showReason(task!)).not.toContain(nothing)
  // The agent had it: its final report is the truth.
  await plane.end(work)
  const { rows } = await plane.db.pool.query('select state from invocations where execution_id = $1', [id])
  expect(rows).toEqual([{ state: 'succeeded' }])
})

test('commands and OS packages are not templates of the account: they need no role', async () => {
  await makeRole('commands-only')
  const ids = [await enrolWith('commands-only')]
  const id = await plane.start({
    operation: {
      kind: 'command',
      type: 'RunShellScript',
      content: 'true',
      timeoutMs: 30_000,
      parameters: {},
      noEcho: [],
    },
    targets: { kind: 'ids', ids },
  })
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(id, 'Success')
  expect(await tasksOf(id)).toMatchObject([{ status: 'Success' }])
})

const endedAsFailed = async (id: ExecutionId) => (await tasksOf(id)).every((task) => task.status === 'Failed')
