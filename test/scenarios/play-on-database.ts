import { sql } from 'kysely'
import { ChandlerError } from '../../src/core/error/errors.ts'
import type { InvocationState } from '../../src/core/execution/invocation.ts'
import type { Operation } from '../../src/core/execution/operation.ts'
import type { ExecutionId, ExtensionId, InstanceId, InvocationId } from '../../src/core/id.ts'
import { readReason } from '../../src/core/reason/read-reason.ts'
import { applyReports } from '../../src/server/app/agent/apply-reports.ts'
import type { Actor, AppContext } from '../../src/server/app/context.ts'
import { controlExecution } from '../../src/server/app/execution/control-execution.ts'
import { controlTasks } from '../../src/server/app/execution/control-tasks.ts'
import { readExecution } from '../../src/server/app/execution/read-executions.ts'
import { reconcile } from '../../src/server/dispatcher/reconcile.ts'
import { insertExecution, listOpenExecutionIds } from '../../src/store/execution/executions.ts'
import { listDueInvocations, markSent, updateInvocationProgress } from '../../src/store/report/invocations.ts'
import { insertTaskCounts } from '../../src/store/task/task-counts.ts'
import { insertTasks } from '../../src/store/task/task-executions.ts'
import type { TestDatabase } from '../integration/database/postgres.ts'
import { makeFacts } from '../make-instance.ts'
import { makeExecution } from '../sim/make-execution.ts'
import { isTaskControl } from '../sim/operator.ts'
import { simulatedTimes } from '../sim/row-changes.ts'
import type { ExecutionRow } from '../sim/rows.ts'
import { taskEnds } from '../sim/server.ts'
import type { OperatorControl } from '../sim/sim-event.ts'
import { describeExecution } from './play-scenario.ts'
import { parseCommand, parseList, parseMs, parsePlan } from './scenario-language.ts'

/**
 * Plays a scenario on the real store: the same language, with SQL statements in place of the
 * simulator's rows. Returns the answer to every `show`, and at the end to one `show` per execution.
 * To let time pass, it moves the deadlines towards the database's clock.
 */
export async function playOnDatabase(
  text: string,
  db: TestDatabase,
  context: AppContext,
  actor: Actor,
): Promise<string[]> {
  const { database } = context
  const poked = new Set<ExecutionId>()
  const given = new Map<InstanceId, InvocationId>()
  const started: string[] = []
  let losing = false
  const poke = (ids: readonly ExecutionId[]) => {
    if (!losing) for (const id of ids) poked.add(id)
  }
  const playing: AppContext = { ...context, poke, changed: () => undefined }
  const effects = { nudge: () => undefined, poke, changed: () => undefined }

  async function lookAtPoked(): Promise<void> {
    for (const id of poked) {
      poked.delete(id)
      // A server is always present, whatever the scenario does to deadlines.
      await sql`update server_presence set seen_at = now()`.execute(database)
      await reconcile(database, id, effects)
    }
  }

  async function insert(execution: ExecutionRow): Promise<void> {
    const parts = execution.mutationKeys.map((key) => ({
      extensionId: key as ExtensionId,
      extensionName: key,
      version: 1,
      parameters: {},
      parametersDigest: '0'.repeat(64),
    }))
    const [first] = parts
    const operation: Operation =
      first && parts.length === 1
        ? { kind: 'extension', action: 'install', ...first }
        : { kind: 'extensions', action: 'install', parts }
    const row = {
      id: execution.id,
      account_id: actor.accountId,
      client_token: null,
      request_digest: '',
      operation,
      extension_id: operation.kind === 'extension' ? operation.extensionId : null,
      command_content: null,
      secret_parameters_sealed: null,
      targets: { kind: 'all' },
      rate_control: { ...execution.rateControl, mode: 'Batch' },
      mode: execution.mode,
      description: '',
      delivery_timeout_ms: execution.deliveryTimeoutMs,
      strict: execution.strict,
      skip_offline: false,
      created_by: actor.name,
      retry_of: null,
      rollback_of: null,
      assignment_id: null,
      assignment_generation: null,
      timing: null,
      approval: null,
      task_count: execution.tasks.length,
      tags: {},
      resource_group: '',
      target_tags: {},
      target_group: null,
      parent_execution_id: null,
      origin: null,
    } as const
    const plannedParts = parts.map(({ extensionName }) => ({
      ...planned,
      extensionName,
      timeoutMs: execution.timeoutMs,
    }))
    const tasks = execution.tasks.map(({ ordinal, batch, instanceId, status, reasonCode }) => ({
      ordinal,
      batch,
      instanceId,
      instanceName: instanceId,
      step: 'install' as const,
      status,
      reasonCode,
      reason: [],
      fromVersion: undefined,
      toVersion: 1,
      configurationId: 'c1',
      timeoutMs: execution.timeoutMs,
      ...(operation.kind === 'extensions' ? { parts: plannedParts, part: 0 } : {}),
    }))
    if (execution.tasks.length > 0) await insertInstances(execution.tasks.map(({ instanceId }) => instanceId))
    // As the server does: an execution that is visible without its tasks would end as empty.
    await database.transaction().execute(async (transaction) => {
      await insertExecution(transaction, row)
      await insertTasks(transaction, { id: execution.id, accountId: actor.accountId }, tasks)
      await insertTaskCounts(transaction, execution.id)
    })
    started.push(execution.id.slice('exec-'.length))
    poke([execution.id])
  }

  const insertInstances = (ids: readonly InstanceId[]) =>
    database
      .insertInto('instances')
      .values(
        ids.map((id) => ({
          id,
          account_id: actor.accountId,
          name: id,
          public_key: Buffer.from(id.padEnd(32).slice(0, 32)),
          facts: JSON.stringify(makeFacts()),
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()

  const findInvocations = (list: string): InvocationId[] =>
    list.startsWith('inv-')
      ? (list.split(',') as InvocationId[])
      : parseList(list).map((number) => given.get(instanceIdOf(number)) as InvocationId)

  const holderOf = async (id: InvocationId) =>
    (await database.selectFrom('invocations').select('instance_id').where('id', '=', id).executeTakeFirstOrThrow())
      .instance_id as InstanceId

  /**
   * Like the engine's timers: from deadline to deadline, and every five seconds to the executions
   * that wait for others.
   */
  async function pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; ) {
      const { rows } = await db.pool.query<{ ms: number | null }>(
        'select (extract(epoch from min(deadline_at) - clock_timestamp()) * 1000)::float8 as ms from invocations where ended_at is null',
      )
      const stepMs = Math.min(leftMs, 5_000, Math.max(1, Math.ceil(rows[0]?.ms ?? leftMs)))
      await db.pool.query(
        "update invocations set deadline_at = deadline_at - $1 * interval '1 millisecond' where ended_at is null",
        [stepMs],
      )
      leftMs -= stepMs
      const due = await db.pool.query<{ id: ExecutionId }>(
        `select execution_id as id from invocations where ended_at is null and deadline_at <= clock_timestamp()
         union select execution_id from mutation_waits order by id`,
      )
      for (const { id } of due.rows) poked.add(id)
      await lookAtPoked()
    }
  }

  async function control(name: OperatorControl, execution = '', ordinal = '') {
    const id = `exec-${execution}` as ExecutionId
    const asked = isTaskControl(name)
      ? controlTasks(playing, actor, id, { instanceIds: [await instanceOf(id, Number(ordinal))] }, name)
      : controlExecution(playing, actor, id, name)
    // A refusal is valid, too: the next `show` prints its effect.
    await asked.catch((error: unknown) => {
      if (!(error instanceof ChandlerError)) throw error
    })
  }

  const instanceOf = async (id: ExecutionId, ordinal: number) =>
    (
      await database
        .selectFrom('task_executions')
        .select('instance_id')
        .where('execution_id', '=', id)
        .where('ordinal', '=', ordinal)
        .executeTakeFirstOrThrow()
    ).instance_id

  async function show(name = ''): Promise<string[]> {
    const { execution, counts } = await readExecution(context, actor, `exec-${name}`)
    const { id, status, reason_code: reasonCode } = execution
    return describeExecution({ id, status, reasonCode, reason: readReason(execution) }, counts)
  }

  const commands: Readonly<Record<string, (...words: string[]) => Promise<string[] | void> | void>> = {
    start: (name = '', ...settings) =>
      insert(makeExecution(`exec-${name}` as ExecutionId, parsePlan(settings), instanceIdOf)),
    async fetch(list = '') {
      for (const number of parseList(list)) {
        const handedOut = await listDueInvocations(database, [instanceIdOf(number)])
        await markSent(
          database,
          handedOut.map(({ id }) => id),
        )
        for (const { id, instanceId } of handedOut) given.set(instanceId, id)
      }
    },
    async say(list = '', state = '') {
      for (const id of findInvocations(list)) {
        const progress = {
          id,
          instanceId: await holderOf(id),
          state: state as InvocationState,
          step: undefined,
          reboots: 0,
          receivedBytes: 0,
        }
        await updateInvocationProgress(database, [progress], simulatedTimes)
      }
    },
    async end(list = '', state = '') {
      for (const id of findInvocations(list)) {
        const ended = state as keyof typeof taskEnds
        const outcome = { state: ended, reasonCode: taskEnds[ended].reasonCode, reason: [] }
        const sizes = { stdoutBytes: 0, stderrBytes: 0, cutBytes: 0 }
        await applyReports(playing, [
          { kind: 'end', invocationId: id, instanceId: await holderOf(id), outcome, ...sizes },
        ])
      }
    },
    wait: (duration = '') => pass(parseMs(duration)),
    lose: () => void (losing = true),
    deliver: () => void (losing = false),
    sweep: async () => {
      for (const id of await listOpenExecutionIds(database)) poked.add(id)
    },
    show,
  }
  const controls = ['pause', 'resume', 'cancel', 'complete', 'retryTask', 'skipTask', 'runTask', 'cancelTask'] as const
  const known = {
    ...commands,
    ...Object.fromEntries(controls.map((name) => [name, (...words: string[]) => control(name, ...words)])),
  }

  const shown: string[] = []
  for (const line of text.split('\n').filter((one) => one.startsWith('>'))) {
    const { name, words } = parseCommand(line.slice(1).trim(), Object.keys(known))
    const said = await known[name]?.(...words)
    await lookAtPoked()
    if (said) shown.push(line, ...said)
  }
  for (const name of started) shown.push(`> show ${name}`, ...(await show(name)))
  return shown
}

const planned = { step: 'install', reasonCode: 'Planned', reason: '', toVersion: 1, configurationId: 'c1' } as const

const instanceIdOf = (number: number) => `i-${number}` as InstanceId

/** The `show` answers of the same scenario in the simulator. */
export function showOnly(transcript: string): string[] {
  const shown: string[] = []
  let showing = false
  for (const line of transcript.split('\n')) {
    if (line.startsWith('>')) showing = line.startsWith('> show')
    else if (!line.startsWith('  ')) showing = false
    if (showing) shown.push(line.replace(/^ {2}/, ''))
  }
  return shown
}
