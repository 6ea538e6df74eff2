/** Start times, windows and freezes on a real database. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parsePolicy } from '../../../src/core/access/parse-policy.ts'
import type { ExecutionId, InstanceId } from '../../../src/core/id.ts'
import { readLocalTime } from '../../../src/lib/local-time.ts'
import { readExecution } from '../../../src/server/app/execution/read-executions.ts'
import { createFreeze, readFreezes, removeFreeze } from '../../../src/server/app/timing/freezes.ts'
import { actor, type ControlPlane, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
let ids: InstanceId[]
beforeEach(async () => {
  plane = await startControlPlane()
  ids = await plane.enrol(1)
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

const hourMs = 3_600_000
const start = (timing: object) => plane.start({ extension: 'demo', targets: { kind: 'ids', ids }, ...timing })
const reasonOf = async (id: ExecutionId) => (await readExecution(plane.context, actor, id)).execution.reason_code
const untilReason = (id: ExecutionId, code: string) => plane.until(async () => (await reasonOf(id)) === code)

async function finish(id: ExecutionId) {
  await plane.end(await plane.takeWork(ids, 1))
  await plane.untilStatus(id, 'Success')
}

test('an execution starts at its time, and not before', async () => {
  const id = await start({ startAt: Date.now() + hourMs })
  await untilReason(id, 'NotYet')
  expect(await plane.statuses(id)).toEqual({ Pending: 1 })
  // An hour passes; the timer of the work engine is a poke, too.
  await plane.db.pool.query(
    `update executions set timing = jsonb_set(timing, '{notBefore}', to_jsonb((timing ->> 'notBefore')::bigint - $2)) where id = $1`,
    [id, hourMs],
  )
  plane.context.poke([id])
  await finish(id)
})

test('outside its window nothing starts; in it work starts; a window that never opens is refused', async () => {
  const { minute } = readLocalTime('UTC', Date.now())
  const show = (one: number) => {
    const total = (one + 1440) % 1440
    return [Math.floor(total / 60), total % 60].map((number) => String(number).padStart(2, '0')).join(':')
  }
  const closed = await start({ window: `daily ${show(minute + 120)}-${show(minute + 180)} UTC` })
  await untilReason(closed, 'OutsideWindow')
  expect(await plane.statuses(closed)).toEqual({ Pending: 1 })
  const open = await start({ window: `daily ${show(minute - 60)}-${show(minute + 60)} UTC` })
  await finish(open)
  await expect(start({ window: 'Mon 01:00-01:00 UTC' })).rejects.toMatchObject({ code: 'TimingInvalid' })
})

test('a freeze holds everything that does not override it, and its end continues', async () => {
  await createFreeze(plane.context, actor, { name: 'holidays', endsAt: new Date(Date.now() + hourMs) })
  const held = await start({})
  await untilReason(held, 'Frozen')
  await expect(
    createFreeze(plane.context, actor, { name: 'holidays', endsAt: new Date(Date.now() + hourMs) }),
  ).rejects.toMatchObject({ code: 'FreezeExists' })
  const urgent = await start({ ignoreFreezes: true })
  await finish(urgent)
  const { rows } = await plane.db.pool.query(
    "select detail ->> 'ignoreFreezes' as ignored from audit_log where resource = $1",
    [`execution/${urgent}`],
  )
  expect(rows).toEqual([{ ignored: 'true' }])
  expect(await readFreezes(plane.context, actor)).toMatchObject([{ name: 'holidays', created_by: 'admin' }])
  await removeFreeze(plane.context, actor, 'holidays')
  await finish(held)
  await expect(removeFreeze(plane.context, actor, 'holidays')).rejects.toMatchObject({ code: 'FreezeNotFound' })
})

test('overriding a freeze is a permission', async () => {
  const parsed = parsePolicy({
    Version: '1',
    Statement: [{ Effect: 'Allow', Action: ['oos:*', 'ecs:*'], Resource: '*' }],
  })
  if (!('document' in parsed)) throw new Error('the policy is valid')
  const limited = { ...actor, name: 'ann', policies: [{ name: 'oos', document: parsed.document }] }
  await finish(await plane.start({ extension: 'demo', targets: { kind: 'ids', ids } }, limited))
  await expect(
    plane.start({ extension: 'demo', targets: { kind: 'ids', ids }, ignoreFreezes: true }, limited),
  ).rejects.toMatchObject({
    code: 'AccessDenied',
  })
})

test('a freeze has an end after its begin, in the future', async () => {
  const past = new Date(Date.now() - hourMs)
  await expect(createFreeze(plane.context, actor, { name: 'a', endsAt: past })).rejects.toMatchObject({
    code: 'FreezeInvalid',
  })
})
