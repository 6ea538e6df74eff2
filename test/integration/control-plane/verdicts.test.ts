/**
 * The result of an execution with targets that were left out, failed within the accepted number, or
 * were offline.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClient } from '../../../src/client/client.ts'
import type { ExecutionId } from '../../../src/core/id.ts'
import { renderEnglishReason } from '../../../src/core/reason/english-reasons.ts'
import { readExecution } from '../../../src/server/app/execution/read-executions.ts'
import { retryExecution } from '../../../src/server/app/execution/retry-execution.ts'
import { makePlan } from '../../../src/server/app/plan/make-plan.ts'
import { showReason } from '../../../src/server/oos/execution/show-reason.ts'
import { admin, startTestApi } from '../registry/test-api.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

const verdictOf = async (id: ExecutionId) => {
  const { execution } = await readExecution(plane.context, actor, id)
  return `${execution.status} ${execution.reason_code}: ${showReason(execution)}`
}
const uname = {
  kind: 'command',
  type: 'RunShellScript',
  content: 'uname',
  timeoutMs: 60_000,
  parameters: {},
  noEcho: [],
} as const
const dir = { ...uname, type: 'RunPowerShellScript' } as const

test('failures within the accepted number are a success that can be retried; strict makes them a failure, also of the retry', async () => {
  const ids = await plane.enrol(3)
  const run = async (strict: boolean) => {
    const id = await plane.start({ operation: uname, rateControl: { maxErrors: 1 }, strict })
    const [failing, ...others] = await plane.takeWork(ids, 3)
    await plane.end(others)
    await plane.end([failing!], 'failed')
    await plane.untilStatus(id, strict ? 'Failed' : 'Success')
    return id
  }
  const lenient = await run(false)
  expect(await verdictOf(lenient)).toBe('Success FailuresAccepted: 2 succeeded, 1 accepted failure (ScriptFailed 1)')
  const strict = await run(true)
  expect(await verdictOf(strict)).toBe('Failed TargetsFailed: 2 succeeded, 1 failed (ScriptFailed 1)')
  for (const [id, expected] of [
    [lenient, false],
    [strict, true],
  ] as const) {
    const retry = await readExecution(plane.context, actor, await retryExecution(plane.context, actor, id))
    expect(retry.execution).toMatchObject({ strict: expected, retry_of: id, task_count: 1 })
  }
})

test('the plan predicts the result that left-out targets cause, and the execution has it', async () => {
  await plane.enrol(2)
  const body = { targets: { kind: 'all' }, rateControl: {} } as const
  const update = { kind: 'extension', action: 'update', extension: 'demo', parameters: {} } as const
  for (const [operation, strict, expected] of [
    [update, false, 'Success NothingToDo: 2 not installed'],
    [update, true, 'Failed TargetsSkipped: 2 not installed'],
    [dir, false, 'Failed TargetsSkipped: 2 left out (NotInScope 2)'],
  ] as const) {
    const { verdict } = await makePlan(plane.context, actor, { ...body, operation, strict })
    expect(`${verdict.status} ${verdict.reasonCode}: ${renderEnglishReason(verdict.reason)}`).toBe(expected)
    const id = await plane.start({ operation, strict })
    await plane.untilStatus(id, verdict.status)
    expect(await verdictOf(id)).toBe(expected)
  }
})

test('a plan shows which targets are offline, and skipOffline leaves them out', async () => {
  const ids = await plane.enrol(2)
  const api = await startTestApi(plane.db.database)
  try {
    const client = createClient({ server: api.url, accessKeyId: admin.id, accessKeySecret: admin.secret })
    const body = { action: 'install', extension: 'demo', targets: { kind: 'all' } } as const
    const waiting = await client.executions.plan(body)
    expect(waiting).toMatchObject({ offlineCount: 2, verdict: { status: 'Success', reasonCode: 'AllSucceeded' } })
    expect(waiting.targets.map(({ offline }) => offline)).toEqual([true, true])
    const skipping = await client.executions.plan({ ...body, skipOffline: true })
    expect(skipping).toMatchObject({
      offlineCount: 0,
      reasonCounts: { Offline: 2 },
      verdict: { status: 'Failed', reasonCode: 'TargetsSkipped' },
    })
    expect(skipping.digest).not.toBe(waiting.digest)
    const { id } = await client.executions.start({ ...body, skipOffline: true, strict: true })
    expect(await client.executions.get(id)).toMatchObject({ skipOffline: true, strict: true, counts: { Skipped: 2 } })
    expect(ids).toHaveLength(2)
  } finally {
    await api.close()
  }
})
