/** Gates between batches: what the dispatcher, servers and users do at them, on a real database. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { renderEnglishReason } from '../../../src/core/reason/english-reasons.ts'
import { createAddressGuard } from '../../../src/lib/outbound/address-guard.ts'
import { controlExecution } from '../../../src/server/app/execution/control-execution.ts'
import { readChanges } from '../../../src/server/app/execution/read-changes.ts'
import { readExecution } from '../../../src/server/app/execution/read-executions.ts'
import { approveExecution } from '../../../src/server/app/gate/approve-execution.ts'
import { checkGates } from '../../../src/server/app/gate/check-gates.ts'
import { startDueRollbacks } from '../../../src/server/app/gate/start-due-rollbacks.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let ids: InstanceId[]
let monitoring: Server
let address: string
let answer: { status: number; body: string }
const queries: string[] = []

beforeEach(async () => {
  plane = await startControlPlane()
  ids = await plane.enrol(2)
  await plane.makeExtension('demo')
  monitoring = createServer((request, response) => {
    queries.push(request.url ?? '')
    response.writeHead(answer.status).end(answer.body)
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  monitoring.listen(0, '127.0.0.1', resolve)
  await promise
  address = `http://127.0.0.1:${(monitoring.address() as AddressInfo).port}`
  answer = { status: 200, body: '' }
  queries.length = 0
})
afterEach(async () => {
  monitoring.closeAllConnections()
  monitoring.close()
  await plane.stop()
})

const guard = createAddressGuard(['127.0.0.1'])
const check = (by = guard) => checkGates(plane.context, by, new AbortController().signal)
const ann = { ...actor, name: 'ann' }
const vector = (...values: string[]) =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ value: [0, value] })) },
  })

/** Starts two batches of one, and completes the first. */
async function runFirstBatch(gates: string[], onGateFailure?: 'pause' | 'cancel' | 'rollback'): Promise<ExecutionId> {
  const id = await plane.start({
    extension: 'demo',
    targets: { kind: 'ids', ids },
    rateControl: { mode: 'Batch', batches: [1], gates, ...(onGateFailure && { onGateFailure }) },
  })
  await plane.end(await plane.takeWork(ids, 1))
  return id
}

const reasonOf = async (id: ExecutionId) => {
  const { execution } = await readExecution(plane.context, actor, id)
  return [execution.reason_code, renderEnglishReason(execution.reason_messages ?? [])] as const
}
const untilReason = (id: ExecutionId, code: string) => plane.until(async () => (await reasonOf(id))[0] === code)

async function completeRest(id: ExecutionId) {
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(id, 'Success')
}

test('a soak time passes', async () => {
  const id = await runFirstBatch(['soak:10m'])
  await untilReason(id, 'GateWait')
  // Ten minutes pass; the timer of the work engine is a poke, too.
  await plane.db.pool.query(`update execution_gates set began_at = began_at - interval '10 minutes'`)
  plane.context.poke([id])
  await completeRest(id)
  expect((await readChanges(plane.context, actor, id)).gate).toMatchObject({ batch: 1, gate: 0, outcome: 'passed' })
})

test('a query opens the next batch when its value satisfies the threshold', async () => {
  const id = await runFirstBatch([`prometheus:${address}/prom/?query=rate(errors[5m]) < 0.01`])
  await untilReason(id, 'GateWait')
  answer = { status: 200, body: vector('0.001', '0.5') }
  await check()
  await untilReason(id, 'GateWait')
  await plane.until(async () => (await reasonOf(id))[1].includes('The last value was 0.5.'))
  expect(queries).toEqual(['/prom/api/v1/query?query=rate%28errors%5B5m%5D%29'])
  // The next check is due after ten seconds: moved forward.
  await plane.db.pool.query('update execution_gates set check_at = now()')
  answer = { status: 200, body: vector('0.001') }
  await check()
  await completeRest(id)
})

test.each([
  ['an error page', { status: 200, body: '<html>' }, 'could not be read'],
  ['no value', { status: 200, body: vector() }, 'had no value'],
  ['a status', { status: 500, body: 'internal' }, 'status 500'],
  ['too much', { status: 200, body: 'a'.repeat(100_000) }, 'too large'],
])('what is no result does not pass the gate: %s', async (_, given, text) => {
  const id = await runFirstBatch([`prometheus:${address}?query=up < 1`])
  await untilReason(id, 'GateWait')
  answer = given
  await check()
  await plane.until(async () => (await reasonOf(id))[1].includes(text))
  expect(await plane.statuses(id)).toEqual({ Success: 1, Pending: 1 })
})

test('a loopback address is not contacted unless a setting allows it, and the gate is not passed', async () => {
  const id = await runFirstBatch([`http:${address}/health`])
  await untilReason(id, 'GateWait')
  await check(createAddressGuard([]))
  await plane.until(async () => (await reasonOf(id))[1].includes('CHANDLER_OUTBOUND_ALLOW'))
  expect(queries).toEqual([])
})

test('a failed gate pauses; a resume checks the gates again, and opens nothing by itself', async () => {
  const id = await runFirstBatch([`http:${address}/health timeout=60s`])
  await untilReason(id, 'GateWait')
  // No server checked it for a minute: the next check decides.
  await plane.db.pool.query(`update execution_gates set began_at = began_at - interval '1 minute'`)
  answer = { status: 503, body: '' }
  await check()
  await untilReason(id, 'GateFailed')
  expect(await plane.statuses(id)).toEqual({ Success: 1, Pending: 1 })
  await controlExecution(plane.context, actor, id, 'resume')
  await untilReason(id, 'GateWait')
  answer = { status: 200, body: '' }
  await check()
  await completeRest(id)
})

test('the next check is after ten seconds, or at the time limit if that comes first', async () => {
  const id = await runFirstBatch([`http:${address}/health timeout=9s`])
  await untilReason(id, 'GateWait')
  answer = { status: 503, body: '' }
  await check()
  const { rows } = await plane.db.pool.query(
    'select check_at = began_at + $2::interval as "isAtLimit" from execution_gates where execution_id = $1',
    [id, '9 seconds'],
  )
  expect(rows).toEqual([{ isAtLimit: true }])
})

test('a failed gate cancels the rest, and the execution has failed', async () => {
  const id = await runFirstBatch(['approval:1'], 'cancel')
  await untilReason(id, 'GateWait')
  await approveExecution(plane.context, ann, id, { approves: false, comment: 'too many errors' })
  await plane.untilStatus(id, 'Failed')
  expect(await reasonOf(id)).toEqual(['GateFailed', expect.stringContaining('ann rejected the next batch.')])
  expect(await plane.statuses(id)).toEqual({ Success: 1, Cancelled: 1 })
  await startDueRollbacks(plane.context)
  expect(await readChanges(plane.context, actor, id)).toMatchObject({ rolledBackBy: undefined })
})

test('a failed gate rolls back what was changed, once', async () => {
  const id = await runFirstBatch(['approval:1'], 'rollback')
  await untilReason(id, 'GateWait')
  await approveExecution(plane.context, ann, id, { approves: false, comment: '' })
  await plane.untilStatus(id, 'Failed')
  await Promise.all([startDueRollbacks(plane.context), startDueRollbacks(plane.context)])
  const { rolledBackBy } = await readChanges(plane.context, actor, id)
  expect(rolledBackBy).toBeDefined()
  // One task, which the dispatcher may have started by now.
  expect(Object.values(await plane.statuses(rolledBackBy as ExecutionId))).toEqual([1])
  expect((await readExecution(plane.context, actor, rolledBackBy as ExecutionId)).execution.created_by).toBe('admin')
})

test('another user approves; the starter cannot, not even with a resume; the comment is in the audit log', async () => {
  const id = await runFirstBatch(['approval:1'])
  await untilReason(id, 'GateWait')
  const own = approveExecution(plane.context, actor, id, { approves: true, comment: '' })
  await expect(own).rejects.toMatchObject({ code: 'ExecutionNotApprovable' })
  await controlExecution(plane.context, actor, id, 'resume')
  expect(await plane.statuses(id)).toEqual({ Success: 1, Pending: 1 })
  await approveExecution(plane.context, ann, id, { approves: true, comment: 'looks good' })
  await completeRest(id)
  expect((await readChanges(plane.context, actor, id)).decisions).toEqual([
    expect.objectContaining({ batch: 1, user: 'ann', approves: true, comment: 'looks good' }),
  ])
  const { rows } = await plane.db.pool.query("select actor, detail from audit_log where action = 'ApproveExecution'")
  expect(rows).toEqual([{ actor: 'ann', detail: { comment: 'looks good' } }])
})

test('a user approves by a role of the session, and no other user', async () => {
  const id = await runFirstBatch(['approval:1 by=ben role=sre'])
  await untilReason(id, 'GateWait')
  expect((await reasonOf(id))[1]).toContain('1 approval by ben, users with the role sre (0 so far)')
  for (const roles of [undefined, [], ['dev']])
    await expect(
      approveExecution(plane.context, { ...ann, roles }, id, { approves: true, comment: '' }),
    ).rejects.toMatchObject({
      code: 'ExecutionNotApprovable',
      message: expect.stringContaining('only the users and roles that the gate names'),
    })
  await approveExecution(plane.context, { ...ann, roles: ['dev', 'sre'] }, id, { approves: true, comment: '' })
  await completeRest(id)
})

test('a gate needs batches, and is read before anything starts', async () => {
  const start = (rateControl: object) => plane.start({ extension: 'demo', targets: { kind: 'ids', ids }, rateControl })
  await expect(start({ gates: ['soak:1m'] })).rejects.toMatchObject({ code: 'RateControlInvalid' })
  await expect(start({ mode: 'Batch', batches: [1], gates: ['wait:1m'] })).rejects.toMatchObject({
    code: 'RateControlInvalid',
  })
  await expect(start({ mode: 'Batch', batches: [1], onGateFailure: 'cancel' })).rejects.toMatchObject({
    code: 'RateControlInvalid',
  })
})
