import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeOutcomeSoFar } from '../../../src/core/execution/task-counts.ts'
import type { ExecutionId } from '../../../src/core/id.ts'
import { readReason } from '../../../src/core/reason/read-reason.ts'
import { taskSchema } from '../../../src/protocol/api/executions.ts'
import { presentTask } from '../../../src/server/api/present/present-execution.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { controlTasks } from '../../../src/server/app/execution/control-tasks.ts'
import { readExecution, readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { listTaskPage } from '../../../src/store/task/task-lists.ts'
import { reasonCodes, reasonExamples } from '../../reason-examples.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

async function taskOf(id: ExecutionId) {
  const [task] = await readTasks(plane.context, actor, id, { limit: 1 })
  return task!
}

/** One task that the server gives up as lost, of an execution that waits for a user then. */
async function loseTask() {
  const ids = await plane.enrol(1)
  const id = await plane.start({ extension: 'demo', mode: 'FailurePause' })
  const [work] = await plane.takeWork(ids, 1)
  await plane.db.pool.query("update invocations set deadline_at = now() - interval '1 second'")
  plane.context.poke([id])
  await plane.untilStatus(id, 'Waiting')
  return { id, instanceId: ids[0]!, work: work! }
}

test('rows hold codes with arguments and no text; the API has both', async () => {
  const { id, instanceId } = await loseTask()
  const texts = await plane.db.pool.query(
    "select reason from executions union all select reason from task_executions union all select coalesce(reason, '') from invocations",
  )
  expect([...new Set((texts.rows as { reason: string }[]).map(({ reason }) => reason))]).toEqual([''])
  const { execution, counts } = await readExecution(plane.context, actor, id)
  expect(readReason(execution)).toEqual([
    { code: 'FailuresToDecide', arguments: { failed: 1 } },
    ...describeOutcomeSoFar(counts),
  ])
  expect(presentTask(await taskOf(id))).toMatchObject({
    instanceId,
    reasonCode: 'Lost',
    reason:
      'The server handed it out, and the agent did not confirm it. What happened on the instance is unknown until the agent is back.',
    reasonMessages: [
      { code: 'ReceiptUnconfirmed', arguments: {} },
      { code: 'UnknownUntilBack', arguments: {} },
    ],
  })
})

test('a late answer takes the place of the unknown, with what the agent says as text', async () => {
  const { id, work } = await loseTask()
  await applyReports(plane.context, [makeEnd(work.instanceId, work.invocationId, 'failed')])
  expect(readReason(await taskOf(id))).toEqual([
    { code: 'ReceiptUnconfirmed', arguments: {} },
    { code: 'LateAnswer', arguments: { state: 'failed' } },
    { code: 'Text', arguments: { text: 'The script ended with 1.' } },
  ])
})

test('every message is read from a row as it was stored', async () => {
  const { id } = await loseTask()
  const reason = reasonCodes.map((code) => ({ code, arguments: reasonExamples[code] }))
  await plane.db.pool.query('update task_executions set reason_messages = $1::jsonb', [JSON.stringify(reason)])
  const task = await taskOf(id)
  expect(readReason(task)).toEqual(reason)
  expect(taskSchema.parse(presentTask(task)).reasonMessages).toEqual(reason)
})

test('the text of a row of an earlier release is shown as it is, also after a decision', async () => {
  const { id, instanceId } = await loseTask()
  await plane.db.pool.query("update task_executions set reason = 'As it was said.', reason_messages = null")
  expect(presentTask(await taskOf(id))).toMatchObject({ reason: 'As it was said.' })
  await controlTasks(plane.context, actor, id, { instanceIds: [instanceId] }, 'skipTask')
  expect(presentTask(await taskOf(id)).reason).toBe(`Failed, and skipped by ${actor.name}: As it was said.`)
})

test('tasks are found by the English text of their reason, and by what an agent said', async () => {
  const { id, instanceId, work } = await loseTask()
  const find = async (search: string) =>
    (
      await listTaskPage(plane.db.database, id, { search }, { order: { by: 'ordinal', ascending: true }, limit: 9 })
    ).map((task) => task.instance_id)
  expect(await find('agent did NOT confirm')).toEqual([instanceId])
  expect(await find('arguments')).toEqual([])
  expect(await find('script ended with 1')).toEqual([])
  await applyReports(plane.context, [makeEnd(work.instanceId, work.invocationId, 'failed')])
  expect(await find('script ENDED with 1')).toEqual([instanceId])
})
