/**
 * Instances that wait for approval, and instances in quarantine, through the official clients:
 * neither counted nor targeted.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import type { CallOos } from './clients.ts'
import { makeExecutionCalls, temporaryUrlTemplate } from './execution-calls.ts'
import { type OosPlane, startOosPlane } from './oos-plane.ts'

let oos: OosPlane
let call: CallOos
let calls: ReturnType<typeof makeExecutionCalls>
let admitted: InstanceId
let pending: InstanceId
let quarantined: InstanceId
let team: string
let teams = 0

beforeAll(async () => {
  oos = await startOosPlane()
  call = oos.call
  calls = makeExecutionCalls(call)
  await oos.plane.makeExtension('demo')
})
afterAll(() => oos.stop())
beforeEach(async () => {
  team = `team-${++teams}`
  const ids = await oos.plane.enrol(3, { tags: { team } })
  ;[admitted, pending, quarantined] = ids as [InstanceId, InstanceId, InstanceId]
  const { pool } = oos.plane.db
  await pool.query(`update instances set admission = 'pending', admission_reason = 'test' where id = $1`, [pending])
  await pool.query(`update instances set admission = 'quarantined', admission_reason = 'test' where id = $1`, [
    quarantined,
  ])
})

const start = (targets: object) =>
  call('StartExecution', {
    TemplateName: temporaryUrlTemplate,
    Parameters: JSON.stringify({ packageName: 'demo', targets }),
  })
const byTeam = () => ({ Type: 'Tags', Tags: [{ Key: 'team', Value: team }], RegionId: 'cn-hangzhou' })
const byId = (...ResourceIds: string[]) => ({ Type: 'ResourceIds', ResourceIds, RegionId: 'cn-hangzhou' })
const refusal = (answer: Promise<unknown>) =>
  answer.then(
    () => expect.fail('was not refused'),
    ({ code, message }: { code: string; message: string }) => ({ code, message }),
  )

test('a selection omits instances that wait for approval, and quarantined ones receive nothing', async () => {
  const { Execution } = await start(byTeam())
  const id: string = Execution.ExecutionId
  const work = await oos.plane.takeWork([admitted, pending, quarantined], 1)
  expect(work.map(({ instanceId }) => instanceId)).toEqual([admitted])
  await oos.plane.end(work)
  await oos.plane.untilStatus(id as ExecutionId, 'Success')
  const { ResourceExecutionStatus } = await call('ListResourceExecutionStatus', { ExecutionId: id })
  const statuses = ResourceExecutionStatus.map((one: { ResourceId: string; Status: string }) => [
    one.ResourceId,
    one.Status,
  ])
  expect(Object.fromEntries(statuses)).toEqual({ [admitted]: 'Success', [quarantined]: 'Skipped' })
  expect((await calls.show(id)).Counters).toMatchObject({ Success: 1, Skipped: 1, Failed: 0, Total: 2 })
})

test('a selected instance that waits for approval is an error that says so', async () => {
  expect(await refusal(start(byId(admitted, pending)))).toEqual({
    code: 'InvalidParameter',
    message: expect.stringContaining(pending),
  })
  const report = { InstanceId: pending, TemplateName: 'demo', ConfigureAction: 'install' }
  expect(await refusal(call('UpdateInstancePackageState', report))).toMatchObject({ code: 'InvalidParameter' })
  expect((await call('ListInstancePackageStates', { InstanceId: pending })).PackageStates).toEqual([])
})

test('a selection of only such instances is empty', async () => {
  await oos.plane.db.pool.query(`update instances set removed_at = now() where id = any($1)`, [[admitted, quarantined]])
  expect(await refusal(start(byTeam()))).toMatchObject({ code: 'InvalidParameter' })
})

test('an instance that waits for approval cannot claim the cloud id of another one', async () => {
  const { pool } = oos.plane.db
  await pool.query(`update instances set facts = jsonb_set(facts, '{cloud}', $2) where id = any($1)`, [
    [admitted, pending],
    JSON.stringify({ provider: 'alibaba', instanceId: `i-cloud-${team}` }),
  ])
  const { Execution } = await start(byId(`i-cloud-${team}`))
  const work = await oos.plane.takeWork([admitted, pending], 1)
  expect(work.map(({ instanceId }) => instanceId)).toEqual([admitted])
  await oos.plane.end(work)
  await oos.plane.untilStatus(Execution.ExecutionId as ExecutionId, 'Success')
})
