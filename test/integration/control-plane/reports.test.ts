import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { InstalledOutcome } from '../../../src/core/execution/invocation.ts'
import type { ExecutionId, InstanceId, InvocationId } from '../../../src/core/id.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import type { Report } from '../../../src/server/app/agent/report.ts'
import { controlTasks } from '../../../src/server/app/execution/control-tasks.ts'
import { readTasks } from '../../../src/server/app/execution/read-executions.ts'
import { showReason } from '../../../src/server/oos/execution/show-reason.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  await plane.makeExtension('demo')
})
afterEach(() => plane.stop())

type Work = { readonly instanceId: InstanceId; readonly invocationId: string }

const invocations = async () => {
  const { rows } = await plane.db.pool.query(
    'select id, state, step, accepted_at from invocations order by queued_at, id',
  )
  return rows as { id: string; state: string; step: string | null; accepted_at: Date | null }[]
}

describe('reports about invocations of another instance', () => {
  test('do not replace its own', async () => {
    const ids = await plane.enrol(2)
    const id = await plane.start({ extension: 'demo' })
    const [victim, hostile] = await plane.takeWork(ids, 2)
    const forged = { ...makeEnd(hostile!.instanceId, victim!.invocationId, 'failed') }
    await applyReports(plane.context, [makeEnd(victim!.instanceId, victim!.invocationId, 'succeeded'), forged])
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

describe('the installed state', () => {
  const installedOf = (version: number, parametersDigest = 'a'.repeat(64)): InstalledOutcome => ({
    status: 'installed',
    version,
    configurationId: 'c1',
    parametersDigest,
  })
  const saying = (work: Work, installed: InstalledOutcome): Report => {
    const end = makeEnd(work.instanceId, work.invocationId, 'succeeded')
    return end.kind === 'end' ? { ...end, outcome: { ...end.outcome, installed } } : end
  }
  const installed = async () =>
    (await plane.db.pool.query('select status, version, execution_id, parameters from installed_states')).rows

  /**
   * Two executions on one instance; the server declared the first lost before the second started.
   */
  async function startTwo(): Promise<{ first: Work; second: Work; executions: [ExecutionId, ExecutionId] }> {
    const ids = await plane.enrol(1)
    const one = await plane.start({ extension: 'demo', parameters: { port: 1 } })
    const [first] = await plane.takeWork(ids, 1)
    await plane.db.pool.query("update invocations set deadline_at = now() - interval '1 second'")
    plane.context.poke([one])
    await plane.untilStatus(one, 'Failed')
    const two = await plane.start({ extension: 'demo', parameters: { port: 2 } })
    const [second] = await plane.takeWork(ids, 1)
    return { first: first!, second: second!, executions: [one, two] }
  }

  test('is that of the newer of two ends in one batch', async () => {
    const { first, second, executions } = await startTwo()
    await applyReports(plane.context, [saying(first, installedOf(1)), saying(second, installedOf(2))])
    expect(await installed()).toMatchObject([{ version: 2, execution_id: executions[1] }])
  })

  test('is that of the newer of two ends, whichever arrives first', async () => {
    const { first, second, executions } = await startTwo()
    await applyReports(plane.context, [saying(second, installedOf(2))])
    await applyReports(plane.context, [saying(first, installedOf(1))])
    expect(await installed()).toMatchObject([{ version: 2, execution_id: executions[1] }])
  })

  test('is empty after a removal, whatever an older end reports with it or after it', async () => {
    const { first, second } = await startTwo()
    await applyReports(plane.context, [saying(first, installedOf(1)), saying(second, { status: 'absent' })])
    expect(await installed()).toEqual([])
    await applyReports(plane.context, [saying(first, installedOf(1))])
    expect(await installed()).toEqual([])
  })

  test('is that of the older end if the newer changed nothing', async () => {
    const { first, second } = await startTwo()
    await applyReports(plane.context, [makeEnd(second.instanceId, second.invocationId, 'failed')])
    await applyReports(plane.context, [saying(first, installedOf(1))])
    expect(await installed()).toMatchObject([{ version: 1 }])
  })

  test('has the parameters of its installation, also if another execution reports the rollback', async () => {
    const { first, second, executions } = await startTwo()
    const { rows } = await plane.db.pool.query(
      "select operation ->> 'parametersDigest' as digest from executions where id = $1",
      [executions[0]],
    )
    const end = makeEnd(second.instanceId, second.invocationId, 'failed')
    const putBack = {
      ...end,
      outcome: { ...(end as Extract<Report, { kind: 'end' }>).outcome, installed: installedOf(1, rows[0].digest) },
    }
    await applyReports(plane.context, [putBack as Report])
    expect(await installed()).toMatchObject([{ version: 1, execution_id: executions[0], parameters: { port: 1 } }])
    expect(first.instanceId).toBe(second.instanceId)
  })
})

describe('a late answer', () => {
  test('is recorded at its own attempt, and at no other', async () => {
    const ids = await plane.enrol(1)
    const id = await plane.start({ extension: 'demo', mode: 'FailurePause' })
    const [first] = await plane.takeWork(ids, 1)
    const failOverdue = async () => {
      await plane.db.pool.query(
        "update invocations set deadline_at = now() - interval '1 second' where ended_at is null",
      )
      plane.context.poke([id])
      await plane.untilStatus(id, 'Waiting')
    }
    await failOverdue()
    await controlTasks(plane.context, actor, id, { instanceIds: [ids[0]!] }, 'retryTask')
    await plane.takeWork(ids, 1)
    await failOverdue()
    await applyReports(plane.context, [makeEnd(first!.instanceId, first!.invocationId, 'succeeded')])
    const [task] = await readTasks(plane.context, actor, id, { limit: 1 })
    expect(task).toMatchObject({ status: 'Failed', reason_code: 'Lost', attempt: 2 })
    expect(showReason(task!)).not.toContain('answered later')
  })
})

describe('output', () => {
  const output = (work: Work, offset: number, data: Buffer): Report => ({
    kind: 'output',
    instanceId: work.instanceId,
    invocationId: work.invocationId as InvocationId,
    stream: 'stdout',
    offset,
    at: new Date(0),
    data,
  })
  const stored = async () => {
    const { rows } = await plane.db.pool.query(
      'select received_bytes, (select count(*) from output_chunks) as chunks from invocations',
    )
    return rows[0] as { received_bytes: number; chunks: number }
  }

  test('that is sent again costs nothing', async () => {
    const ids = await plane.enrol(1)
    await plane.start({ extension: 'demo' })
    const [work] = await plane.takeWork(ids, 1)
    await applyReports(plane.context, [output(work!, 0, Buffer.from('hello'))])
    const once = await stored()
    await applyReports(plane.context, [output(work!, 0, Buffer.from('hello'))])
    expect(await stored()).toEqual(once)
    expect(once.received_bytes).toBeGreaterThanOrEqual(5)
  })

  test('without any bytes cannot fill the database', async () => {
    const ids = await plane.enrol(1)
    await plane.start({ extension: 'demo' })
    const [work] = await plane.takeWork(ids, 1)
    const send = async (offset: number) => applyReports(plane.context, [output(work!, offset, Buffer.alloc(0))])
    await send(1)
    const { received_bytes: price } = await stored()
    expect(price).toBeGreaterThan(0)
    await plane.db.pool.query('update invocations set received_bytes = $1', [2 ** 40])
    await send(2)
    expect((await stored()).chunks).toBe(1)
  })
})
