import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { InstanceId, InvocationId } from '../../../src/core/id.ts'
import { applyReports, applyReportsOfMany } from '../../../src/server/app/apply-reports.ts'
import { readTasks } from '../../../src/server/app/read-executions.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

const invocations = async () => {
  const { rows } = await plane.db.pool.query(
    'select id, state, step, accepted_at from invocations order by queued_at, id',
  )
  return rows as { id: string; state: string; step: string | null; accepted_at: Date | null }[]
}

describe('words about what another instance was given', () => {
  test('do not stand in for its own', async () => {
    const ids = await plane.enrol(2)
    const id = await plane.start({ extension: 'demo' })
    const [victim, hostile] = await plane.takeWork(ids, 2)
    const forged = { ...makeEnd(hostile!.instanceId, victim!.invocationId, 'failed') }
    const [said, forgedSaid] = await applyReportsOfMany(plane.context, [
      [makeEnd(victim!.instanceId, victim!.invocationId, 'succeeded')],
      [forged],
    ])
    expect([said, forgedSaid]).toEqual([undefined, undefined])
    const tasks = await readTasks(plane.context, actor, id, { limit: 2 })
    expect(tasks.find((task) => task.instance_id === victim!.instanceId)?.status).toBe('Success')
    expect(tasks.find((task) => task.instance_id === hostile!.instanceId)?.status).toBe('Running')
  })

  test('do not hide its progress', async () => {
    const ids = await plane.enrol(2)
    await plane.start({ extension: 'demo' })
    const [victim, hostile] = await plane.takeWork(ids, 2)
    const invocationId = victim!.invocationId as InvocationId
    const state = (instanceId: InstanceId, step: string) =>
      ({ kind: 'state', instanceId, invocationId, state: 'running', step }) as const
    await applyReports(plane.context, [
      state(hostile!.instanceId, 'nonsense'),
      state(victim!.instanceId, 'installing v1'),
      makeEnd(hostile!.instanceId, invocationId, 'failed'),
    ])
    const found = (await invocations()).find((one) => one.id === invocationId)
    expect(found).toMatchObject({ state: 'running', step: 'installing v1' })
  })
})
