import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Retention } from '../../../src/core/execution/retention.ts'
import type { ExecutionId } from '../../../src/core/id.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { applyRetention } from '../../../src/server/app/execution/apply-retention.ts'
import { controlExecution, deleteExecution } from '../../../src/server/app/execution/control-execution.ts'
import { deleteExecutions } from '../../../src/server/app/execution/delete-executions.ts'
import {
  countSelected,
  readExecution,
  readExecutions,
  readStatus,
} from '../../../src/server/app/execution/read-executions.ts'
import { deleteExtension } from '../../../src/server/app/extension/delete-extension.ts'
import { readOverview } from '../../../src/server/app/overview/read-overview.ts'
import { reconcile } from '../../../src/server/dispatcher/reconcile.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

const day = 24 * 60 * 60_000
const forever: Retention = { executionsMs: undefined, outputMs: undefined, auditLogMs: undefined }

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

/** An execution on one instance that printed something and ended so many days ago. */
async function makeEnded(daysAgo: number): Promise<ExecutionId> {
  const [instanceId] = await plane.enrol(1)
  const id = await plane.start({ extension: 'demo', targets: { kind: 'ids', ids: [instanceId!] } })
  const work = await plane.takeWork([instanceId!], 1)
  const chunk = { kind: 'output', stream: 'stdout', at: new Date(), data: Buffer.from('x'.repeat(100)) } as const
  await applyReports(
    plane.context,
    work.flatMap(({ invocationId }) =>
      [0, 100].map((offset) => ({ ...chunk, instanceId: instanceId!, invocationId: invocationId as never, offset })),
    ),
  )
  await plane.end(work)
  await plane.untilStatus(id, 'Success')
  await plane.db.pool.query(`update executions set ended_at = now() - $2 * interval '1 day' where id = $1`, [
    id,
    daysAgo,
  ])
  return id
}

const count = async (table: string) =>
  Number((await plane.db.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n)

test('output is removed before its execution, which shows since when; newer output stays', async () => {
  const old = await makeEnded(40)
  const young = await makeEnded(10)
  expect(await count('output_chunks')).toBeGreaterThanOrEqual(2)
  const chunksOf = async (id: string) =>
    (
      await plane.db.pool.query(
        'select from output_chunks c join invocations i on i.id = c.invocation_id where i.execution_id = $1',
        [id],
      )
    ).rowCount
  const result = await applyRetention(plane.context, { ...forever, outputMs: 30 * day, executionsMs: 365 * day })
  expect(result).toEqual({ outputs: 1, executions: 0, auditEntries: 0 })
  expect([await chunksOf(old), await chunksOf(young)]).toEqual([0, await chunksOf(young)])
  expect(await chunksOf(young)).toBeGreaterThan(0)
  const { rows } = await plane.db.pool.query(
    'select id, output_expired_at is not null as expired from executions order by 2, 1',
  )
  expect(rows).toEqual([
    { id: young, expired: false },
    { id: old, expired: true },
  ])
  // Again: there is nothing left to do.
  expect(await applyRetention(plane.context, { ...forever, outputMs: 30 * day })).toEqual({
    outputs: 0,
    executions: 0,
    auditEntries: 0,
  })
})

test('executions are removed with all their rows, and leave their entry in the audit log; running ones stay', async () => {
  const old = await makeEnded(400)
  const [instanceId] = await plane.enrol(1)
  const running = await plane.start({ extension: 'demo', targets: { kind: 'ids', ids: [instanceId!] } })
  await plane.db.pool.query(`update executions set created_at = now() - interval '500 days'`)
  expect(await applyRetention(plane.context, { ...forever, executionsMs: 365 * day })).toEqual({
    outputs: 1,
    executions: 1,
    auditEntries: 0,
  })
  const { rows } = await plane.db.pool.query('select id from executions')
  expect(rows).toEqual([{ id: running }])
  expect(await count('output_chunks')).toBe(0)
  expect((await plane.db.pool.query(`select from task_executions where execution_id = $1`, [old])).rowCount).toBe(0)
  const { rows: entries } = await plane.db.pool.query(
    `select actor, resource from audit_log where action = 'DeleteExecution'`,
  )
  expect(entries).toEqual([{ actor: 'retention', resource: `execution/${old}` }])
  // The installed state is kept.
  expect(await count(`installed_states where execution_id = '${old}'`)).toBe(1)
})

async function addTasks(id: ExecutionId): Promise<void> {
  await plane.db.pool.query(
    `insert into task_executions (execution_id, ordinal, account_id, batch, instance_id, instance_name, step, status, reason_code, reason,
       to_version, configuration_id, attempt, timeout_ms, revision)
     select execution_id, n, account_id, batch, 'i-' || n, 'i-' || n, step, status, reason_code, reason, to_version, configuration_id,
       attempt, timeout_ms, revision
     from task_executions, generate_series(10, 6000) n where execution_id = $1 and ordinal < 10`,
    [id],
  )
}

const tasksOf = (id: ExecutionId) => count(`task_executions where execution_id = '${id}'`)

/** Of a request that gets no further than its first step, like one whose server was killed then. */
const withoutTime = () => {
  let now = 0
  return { ...plane.context, clock: { ...plane.context.clock, monotonicMs: () => (now += 1_500) } }
}

test('an interrupted deletion counts as done: its remaining rows are removed later', async () => {
  const id = await makeEnded(1)
  const other = await makeEnded(1)
  await addTasks(id)
  const before = await tasksOf(id)
  await deleteExecution(withoutTime(), actor, id)
  expect(await tasksOf(id)).toBeGreaterThan(0)
  expect(await tasksOf(id)).toBeLessThanOrEqual(before)
  expect(await count(`executions where id = '${id}'`)).toBe(1)

  const gone = { code: 'ExecutionNotFound' }
  await expect(readExecution(plane.context, actor, id)).rejects.toMatchObject(gone)
  await expect(readStatus(plane.context, actor, id)).rejects.toMatchObject(gone)
  await expect(deleteExecution(plane.context, actor, id)).rejects.toMatchObject(gone)
  await expect(controlExecution(plane.context, actor, id, 'pause')).rejects.toMatchObject(gone)
  expect((await readExecutions(plane.context, actor, {}, { limit: 10 })).map(({ execution }) => execution.id)).toEqual([
    other,
  ])
  expect(await countSelected(plane.context, actor, {})).toBe(1)
  const overview = await readOverview(plane.context, actor, { days: 1 })
  expect(overview.recent).toHaveLength(1)
  expect(await count(`audit_log where action = 'DeleteExecution'`)).toBe(1)

  expect(await applyRetention(plane.context, forever)).toEqual({ outputs: 0, executions: 0, auditEntries: 0 })
  expect([await count(`executions where id = '${id}'`), await tasksOf(id)]).toEqual([0, 0])
  expect(await tasksOf(other)).toBe(1)
  expect(await count(`audit_log where action = 'DeleteExecution'`)).toBe(1)
})

test('the executions of an extension that is deleted with them are removed in the same way', async () => {
  const id = await makeEnded(1)
  await plane.db.pool.query('delete from installed_states')
  await addTasks(id)
  await deleteExtension(withoutTime(), actor, 'demo', { force: false, withExecutions: true })
  expect(await tasksOf(id)).toBeGreaterThan(0)
  await expect(readExecution(plane.context, actor, id)).rejects.toMatchObject({ code: 'ExecutionNotFound' })
  await applyRetention(plane.context, forever)
  expect(await count('executions')).toBe(0)
})

test('an execution that was deleted before it ended starts nothing, and its client token is free', async () => {
  const [instanceId] = await plane.enrol(1)
  const wanted = { extension: 'demo', targets: { kind: 'ids', ids: [instanceId!] }, clientToken: 'once' } as const
  await plane.stopDispatcher()
  const id = await plane.start({ ...wanted })
  await deleteExecutions(withoutTime(), actor, [id], { force: true })
  await expect(readExecution(plane.context, actor, id)).rejects.toMatchObject({ code: 'ExecutionNotFound' })
  await reconcile(plane.db.database, id, { nudge: () => undefined, poke: () => undefined, changed: () => undefined })
  expect(await count('invocations')).toBe(0)
  expect(await plane.start({ ...wanted })).not.toBe(id)
})

test('an execution of many tasks is removed in steps, and is gone after the last one', async () => {
  const id = await makeEnded(400)
  await addTasks(id)
  const tasks: number[] = []
  const clock = {
    ...plane.context.clock,
    wait: async () => void tasks.push(await count(`task_executions where execution_id = '${id}'`)),
  }
  const result = await applyRetention({ ...plane.context, clock }, { ...forever, executionsMs: 365 * day })
  expect(result).toMatchObject({ executions: 1 })
  expect(new Set(tasks.filter((left) => left > 0 && left < 5_000)).size).toBe(1)
  expect(await count('executions')).toBe(0)
})

test('an interrupted round is continued by the next one', async () => {
  await makeEnded(40)
  const stop = new AbortController()
  stop.abort()
  await plane.db.pool.query('update executions set output_expired_at = now(), output_expiring = true')
  expect(await applyRetention(plane.context, forever, stop.signal)).toEqual({
    outputs: 0,
    executions: 0,
    auditEntries: 0,
  })
  expect(await count('output_chunks')).toBeGreaterThan(0)
  expect(await applyRetention(plane.context, forever)).toEqual({ outputs: 1, executions: 0, auditEntries: 0 })
  expect(await count('output_chunks')).toBe(0)
  expect(await count('executions where output_expiring')).toBe(0)
})

test('old entries of the audit log are removed in steps', async () => {
  await plane.db.pool.query(
    `insert into audit_log (account_id, at, actor, source, action, resource)
     select 'default', now() - interval '800 days', 'x', 'x', 'Test', n::text from generate_series(1, 12000) n`,
  )
  const before = await count('audit_log')
  expect(await applyRetention(plane.context, { ...forever, auditLogMs: 730 * day })).toEqual({
    outputs: 0,
    executions: 0,
    auditEntries: 12_000,
  })
  expect(await count('audit_log')).toBe(before - 12_000)
})

const program = fileURLToPath(new URL('../../../bin/chandler.mjs', import.meta.url))

/** `chandler server prune` on the database of this test, beside its server. */
async function prune(...args: string[]) {
  const env = { PATH: process.env['PATH'] ?? '', CHANDLER_DATA: '/nonexistent', DATABASE_URL: plane.db.url }
  return await promisify(execFile)(process.execPath, [program, 'server', 'prune', ...args], { env })
}

test('chandler server prune counts first, then removes exactly that; unset limits follow the settings', async () => {
  await makeEnded(40)
  await makeEnded(20)
  await makeEnded(10)
  await plane.db.pool.query(
    `insert into audit_log (account_id, at, actor, source, action, resource)
     select 'default', now() - interval '500 days', 'x', 'x', 'Test', n::text from generate_series(1, 7) n`,
  )
  const args = ['--executions', '30d', '--output', '15d', '--audit-log', '400d']
  const dry = JSON.parse((await prune(...args, '--dry-run', '-o', 'json')).stdout)
  expect(dry).toEqual({ dryRun: true, executions: 1, outputs: 2, auditEntries: 7 })
  expect([await count('executions'), await count('audit_log where actor = $$x$$')]).toEqual([3, 7])
  const { stdout } = await prune(...args)
  expect(stdout).toMatch(/^executions +1\noutputs of executions +2\naudit log entries +7$/m)
  expect([await count('executions'), await count('audit_log where actor = $$x$$')]).toEqual([2, 0])
  expect(JSON.parse((await prune('--executions', 'forever', '-o', 'json')).stdout)).toEqual({
    dryRun: false,
    executions: 0,
    outputs: 0,
    auditEntries: 0,
  })
  await expect(prune('--output', '5m')).rejects.toMatchObject({ stderr: expect.stringContaining('--output: "5m"') })
  expect(await count('output_chunks')).toBeGreaterThan(0)
})
