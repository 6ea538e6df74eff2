import { randomInt } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ChandlerError } from '../../../src/core/error/errors.ts'
import type { OperationRequest } from '../../../src/core/execution/operation.ts'
import type { ParameterValues } from '../../../src/core/extension/extension.ts'
import type { ExecutionId, InstanceId, InvocationId, ServerId } from '../../../src/core/id.ts'
import { applyReports } from '../../../src/server/app/agent/apply-reports.ts'
import { handOutWork } from '../../../src/server/app/agent/hand-out-invocations.ts'
import type { Report } from '../../../src/server/app/agent/report.ts'
import { controlExecution } from '../../../src/server/app/execution/control-execution.ts'
import { controlTasks } from '../../../src/server/app/execution/control-tasks.ts'
import { reconcile } from '../../../src/server/dispatcher/reconcile.ts'
import {
  connectInstances,
  disconnectInstances,
  updateInstanceFacts,
} from '../../../src/store/instance/agent-sessions.ts'
import { deleteServer, updateHeartbeat } from '../../../src/store/server/servers.ts'
import { makeFacts } from '../../make-instance.ts'
import { actor, type ControlPlane, makeEnd, startControlPlane } from './control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

const shuffled = <Item>(items: readonly Item[]) =>
  items
    .map((item) => ({ item, place: randomInt(2 ** 32) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)

/** Repeats all of these concurrently until `isOver`; an error in any of them fails the test. */
async function keepDoing(
  isOver: () => boolean | Promise<boolean>,
  deeds: readonly (() => Promise<unknown>)[],
): Promise<void> {
  let over = false
  const loop = async (deed: () => Promise<unknown>) => {
    try {
      while (!over) {
        await deed()
        if (await isOver()) over = true
      }
    } finally {
      over = true
    }
  }
  await Promise.all(deeds.map(loop))
}

/** Runs the action only every so many turns. */
function everyTurns(count: number, deed: () => Promise<unknown>): () => Promise<unknown> {
  let turn = 0
  return async () => (++turn % count === 0 ? deed() : undefined)
}

/** A refusal is valid, too: the request had become impossible in the meantime. */
const ifAllowed = (deed: Promise<unknown>) =>
  deed.catch((error: unknown) => {
    if (!(error instanceof ChandlerError)) throw error
  })

/** One extension, both of them in either order, or a command. */
function chooseOperation(parameters: ParameterValues): OperationRequest {
  const [first, second] = shuffled(['demo', 'other']).map((extension) => ({ extension, parameters }))
  if (!first || !second || randomInt(5) === 0)
    return { kind: 'command', type: 'RunShellScript', content: 'true', timeoutMs: 60_000, parameters, noEcho: [] }
  return randomInt(2)
    ? { kind: 'extension', action: 'install', ...first }
    : { kind: 'extensions', action: 'install', extensions: [first, second] }
}

test('executions, reports, cancels and retries on the same instances never deadlock, and all counts are right', async () => {
  const { context, db } = plane
  await plane.makeExtension('demo')
  await plane.makeExtension('other')
  const instances = await plane.enrol(40)
  const executions: ExecutionId[] = []
  const startOne = async () => {
    const mode = randomInt(3) === 0 ? 'FailurePause' : 'Automatic'
    const rateControl = { concurrency: 5 + randomInt(40), maxErrors: 40 }
    const parameters = { port: 1 + randomInt(60_000) }
    executions.push(await plane.start({ operation: chooseOperation(parameters), mode, rateControl }))
  }
  for (let i = 0; i < 6; i++) await startOne()

  // The agent's state of each invocation; two servers receive its reports concurrently, sometimes
  // the same one.
  const given = new Map<InvocationId, InstanceId>()
  const takeWork = async () => {
    const work = await handOutWork(context, shuffled(instances).slice(0, 25))
    for (const [instanceId, { invocations }] of work) for (const { id } of invocations) given.set(id, instanceId)
  }
  const say = async () => {
    const reporting = shuffled([...given]).slice(0, 20)
    const reports = reporting.flatMap(([invocationId, instanceId]): Report[] => {
      const chance = randomInt(10)
      const state = { kind: 'state', instanceId, invocationId, state: 'running', step: undefined } as const
      const output = {
        kind: 'output',
        instanceId,
        invocationId,
        stream: 'stdout',
        offset: randomInt(9),
        at: new Date(),
        data: Buffer.from('x'),
      } as const
      if (chance < 4) return [state, output]
      return [output, makeEnd(instanceId, invocationId, chance < 8 ? 'succeeded' : chance < 9 ? 'failed' : 'cancelled')]
    })
    await applyReports(context, reports)
  }
  const anExecution = () => executions[randomInt(executions.length)] as ExecutionId
  const fewFallSilent = everyTurns(4, () => fallSilent(3))
  const cancelOne = everyTurns(6, async () => {
    await ifAllowed(controlExecution(context, actor, anExecution(), 'cancel'))
    await startOne()
  })
  const fallSilent = (count: number) =>
    db.pool.query(
      `update invocations set deadline_at = now()
       where id in (select id from invocations where ended_at is null limit $1 for update skip locked)`,
      [count],
    )
  const effects = { nudge: () => undefined, poke: context.poke, changed: () => undefined }
  await keepDoing(
    () => executions.length >= 14,
    [
      takeWork,
      takeWork,
      async () => {
        await say()
        await cancelOne()
      },
      async () => {
        await say()
        await fewFallSilent()
      },
      say,
      // Beside the dispatcher on the work engine: another one, poked at random times.
      () => reconcile(db.database, anExecution(), effects),
      () => reconcile(db.database, anExecution(), effects),
      () => ifAllowed(controlExecution(context, actor, anExecution(), randomInt(2) ? 'pause' : 'resume')),
      () =>
        ifAllowed(
          controlTasks(
            context,
            actor,
            anExecution(),
            { instanceIds: [instances[randomInt(instances.length)] as string] },
            randomInt(3) ? 'retryTask' : 'cancelTask',
          ),
        ),
    ],
  )

  // Users cancel the rest, agents send their last reports or nothing, everything ends.
  for (const id of executions) await ifAllowed(controlExecution(context, actor, id, 'cancel'))
  await keepDoing(
    async () => (await db.pool.query('select 1 from executions where ended_at is null')).rowCount === 0,
    [say, () => fallSilent(100), () => reconcile(db.database, anExecution(), effects)],
  )
  const { rows: differences } = await db.pool.query(`
    select execution_id, batch, status, reason_code, n from task_counts where n <> 0
    except select execution_id, batch, status, reason_code, count(*) from task_executions group by 1, 2, 3, 4`)
  expect(differences).toEqual([])
  const left = async (table: string) => (await db.pool.query(`select * from ${table}`)).rows
  expect(await left('mutation_locks')).toEqual([])
  expect(await left('mutation_waits')).toEqual([])
  expect(await left('task_executions where part_due')).toEqual([])
  const { rows: statuses } = await db.pool.query('select distinct status from task_executions order by status')
  expect(statuses.map(({ status }) => status)).toEqual(['Cancelled', 'Failed', 'Success'])
})

test('a fleet that moves from server to server', async () => {
  const { db } = plane
  const instances = await plane.enrol(200)
  const [here, there] = ['server-here', 'server-there'] as ServerId[]
  const some = () => shuffled(instances).slice(0, 100)
  const withFacts = (ids: readonly InstanceId[]) => ids.map((id) => ({ id, facts: makeFacts() }))
  await updateHeartbeat(db.database, there!, 'host')
  let moves = 0
  await keepDoing(
    () => moves >= 60,
    [
      () => connectInstances(db.database, there!, withFacts(some())),
      () => updateInstanceFacts(db.database, withFacts(some())),
      () => disconnectInstances(db.database, there!, some()),
      async () => {
        await updateHeartbeat(db.database, here!, 'host')
        await connectInstances(db.database, here!, withFacts(some()))
        await deleteServer(db.database, here!)
        moves += 1
      },
    ],
  )
  // A deadlock would have failed a statement above; the rest is work of a server that is gone.
  const { rows } = await db.pool.query("select from instances where connected_to = 'server-here'")
  expect(rows).toEqual([])
})
