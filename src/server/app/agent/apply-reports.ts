import type { TaskStatus } from '../../../core/execution/execution.ts'
import { findProgressRank, type InstalledOutcome } from '../../../core/execution/invocation.ts'
import type { ExecutionId, InvocationId } from '../../../core/id.ts'
import { maxDownloadMs, reportGraceMs } from '../../../core/limits.ts'
import { makeReason } from '../../../core/reason/reason.ts'
import { type LockedRevision, lockExecutionsOf } from '../../../store/execution/executions.ts'
import { applyInstalledOutcomes } from '../../../store/instance/installed-outcomes.ts'
import {
  type EndedInvocation,
  endInvocations,
  type InvocationProgress,
  lockInvocations,
  updateInvocationProgress,
} from '../../../store/report/invocations.ts'
import { disownInvocations } from '../../../store/report/known-invocations.ts'
import { insertOutputChunks } from '../../../store/report/output-chunks.ts'
import { endTasks, taskKey } from '../../../store/task/task-ends.ts'
import { noteLateAnswers } from '../../../store/task/task-executions.ts'
import { advanceParts } from '../../../store/task/task-parts.ts'
import { noteReboots } from '../../../store/task/task-reboots.ts'
import type { AppContext, SecretDigests } from '../context.ts'
import { noteFailures } from '../execution/note-failures.ts'
import { settleUnknown } from '../execution/settle-unknown.ts'
import type { PlanContext } from '../plan/parameter-sets.ts'
import { applyOrphans } from './apply-orphans.ts'
import type { EndReport, Report } from './report.ts'

/**
 * Makes reports durable: output, progress and ends of any number of agents in one transaction with
 * a fixed number of statements. Reports may be late, repeated or sent again after a reconnect:
 * known facts change nothing. After it resolves, the reports may be acknowledged.
 */
export async function applyReports(context: AppContext, reports: readonly Report[]): Promise<void> {
  const ends = new Map(
    reports.flatMap((report) => (report.kind === 'end' ? [[subjectOf(report), report] as const] : [])),
  )
  const unknown = findSubjects(reports.filter(({ kind }) => kind === 'unknown'))
  const { changed, freed, firstAfterSeconds } = await context.database.transaction().execute(async (transaction) => {
    // Only what may change the status of a task locks its execution.
    const rebooting = findSubjects(reports.filter((report) => report.kind === 'state' && (report.reboots ?? 0) > 0))
    const subjects = new Map(
      [...findSubjects([...ends.values()]), ...unknown, ...rebooting].map((one) => [one.id, one]),
    )
    const executions = await lockExecutionsOf(transaction, [...subjects.values()])
    await lockInvocations(transaction, findSubjects(reports))
    const stored = await insertOutputChunks(transaction, findOutput(reports))
    const rebooted = await updateInvocationProgress(transaction, findProgress(reports, stored.bytes), {
      downloadMs: maxDownloadMs,
      graceMs: reportGraceMs,
    })
    await noteReboots(
      transaction,
      rebooted.flatMap(({ state, ...task }) => {
        const revision = executions.get(task.executionId)?.revision
        return revision === undefined ? [] : [{ ...task, revision, isRebooting: state === 'rebooting' }]
      }),
    )
    const settled = await settleUnknown(transaction, unknown)
    const all = new Map([...settled.ends.map((end) => [subjectOf(end), end] as const), ...ends])
    const applied =
      all.size > 0
        ? await applyEnds({ ...context, database: transaction }, all, executions)
        : { changed: [], freed: [] }
    await noteLateAnswers(
      transaction,
      settled.notes.map((one) => ({ ...one, revision: executions.get(one.executionId)?.revision ?? 0 })),
    )
    await disownInvocations(transaction, settled.disowned)
    const { firstAfterSeconds } = stored
    const hasMore = settled.notes.length + rebooted.length > 0
    return { ...applied, ...(hasMore && { changed: [...executions.keys()] }), firstAfterSeconds }
  })
  for (const seconds of firstAfterSeconds) context.measurements?.firstOutput(seconds)
  if (changed.length + freed.length > 0) context.poke([...changed, ...freed])
  const withOutput = reports.flatMap((report) => (report.kind === 'output' ? [executionIdOf(report.invocationId)] : []))
  const received = new Set([...changed, ...withOutput])
  if (received.size > 0) context.changed([...received])
}

/**
 * The key of a report: a report of one instance about another's invocation is ignored, and must not
 * replace the other's own.
 */
const subjectOf = ({ instanceId, invocationId }: Pick<Report, 'instanceId' | 'invocationId'>) =>
  `${instanceId} ${invocationId}`

const findSubjects = (reports: readonly Report[]) => [
  ...new Map(
    reports.map((report) => [subjectOf(report), { id: report.invocationId, instanceId: report.instanceId }]),
  ).values(),
]

async function applyEnds(
  { database: connection, digests }: Pick<PlanContext, 'database' | 'digests'>,
  reports: ReadonlyMap<string, EndReport>,
  executions: ReadonlyMap<ExecutionId, LockedRevision>,
) {
  const rows = [...reports.values()].map(
    ({ invocationId, instanceId, outcome, stdoutBytes, stderrBytes, cutBytes, scriptRange }) => ({
      id: invocationId,
      instanceId,
      state: outcome.state,
      reasonCode: outcome.reasonCode,
      reason: outcome.reason,
      exitCode: outcome.exitCode,
      hasInstalled: outcome.installed !== undefined,
      stdoutBytes,
      stderrBytes,
      cutBytes,
      scriptRange,
      output: outcome.output,
    }),
  )
  const news = await endInvocations(connection, rows)
  const isNews = new Set(news.map(({ id, instanceId }) => subjectOf({ instanceId, invocationId: id })))
  await applyOrphans(
    { database: connection, digests },
    [...reports].flatMap(([subject, report]) => (isNews.has(subject) ? [] : [report])),
  )
  if (news.length === 0) return { changed: [], freed: [] }
  const received = news.map((ended) => ({
    ...ended,
    revision: executions.get(ended.executionId)?.revision ?? 0,
    mayHaveParts: executions.get(ended.executionId)?.mayHaveParts ?? false,
    report: reports.get(subjectOf({ instanceId: ended.instanceId, invocationId: ended.id })) as EndReport,
  }))
  const done = received.filter(({ mayHaveParts, report }) => mayHaveParts && report.outcome.state === 'succeeded')
  const parts = await advanceParts(connection, done)
  const last = received.filter(({ executionId, ordinal }) => !parts.advanced.has(taskKey(executionId, ordinal)))
  await endTasks(
    connection,
    received.filter(({ executionId, ordinal }) => parts.stopped.has(taskKey(executionId, ordinal))).map(endStopped),
  )
  const failureKeys = await noteFailures(
    connection,
    last.flatMap(({ id, executionId, report: { outcome } }) =>
      taskStatusOf(outcome.state) === 'Failed'
        ? [{ id, executionId, reasonCode: outcome.reasonCode, exitCode: outcome.exitCode }]
        : [],
    ),
  )
  const { ended, freed } = await endTasks(
    connection,
    last.map(({ id, executionId, ordinal, attempt, revision, report: { outcome } }) => ({
      executionId,
      ordinal,
      attempt,
      revision,
      status: taskStatusOf(outcome.state),
      reasonCode: outcome.reasonCode,
      reason: outcome.reason,
      exitCode: outcome.exitCode,
      output: outcome.output,
      failureKey: failureKeys.get(id),
    })),
  )
  const late = last.filter(({ executionId, ordinal }) => !ended.has(taskKey(executionId, ordinal)))
  await noteLateAnswers(connection, late.map(describeLateAnswer))
  await applyInstalledOutcomes(
    connection,
    received.flatMap(({ id, report: { outcome } }) =>
      outcome.installed ? [{ invocationId: id, ...keyOutcome(digests, outcome.installed) }] : [],
    ),
  )
  return { changed: [...executions.keys()], freed: [...parts.freed, ...freed] }
}

/**
 * An earlier release may have handed out the values with a plain digest: the keyed one is stored.
 */
function keyOutcome(digests: SecretDigests, outcome: InstalledOutcome) {
  if (outcome.status === 'absent') return { outcome }
  const parametersDigest = digests.rekey(outcome.parametersDigest)
  return { outcome: { ...outcome, parametersDigest }, reportedDigest: outcome.parametersDigest }
}

/** A task that was cancelled during one part does not begin the next. */
const endStopped = ({ executionId, ordinal, attempt, revision }: EndedInvocation & { readonly revision: number }) => ({
  executionId,
  ordinal,
  attempt,
  revision,
  status: 'Cancelled' as const,
  reasonCode: 'CancelledByUser' as const,
  reason: makeReason('CancelledBeforeStart'),
  exitCode: undefined,
  output: undefined,
})

/** The result of a task that was given up is unchanged; the late report is stored beside it. */
function describeLateAnswer(answer: EndedInvocation & { readonly revision: number; readonly report: EndReport }) {
  const { executionId, ordinal, attempt, revision, report } = answer
  return {
    executionId,
    ordinal,
    attempt,
    revision,
    note: [...makeReason('LateAnswer', { state: report.outcome.state }), ...report.outcome.reason],
  }
}

function taskStatusOf(state: EndReport['outcome']['state']): Extract<TaskStatus, 'Success' | 'Failed' | 'Cancelled'> {
  if (state === 'succeeded') return 'Success'
  return state === 'cancelled' ? 'Cancelled' : 'Failed'
}

function findOutput(reports: readonly Report[]) {
  return reports.flatMap((report) =>
    report.kind === 'output'
      ? [
          {
            invocationId: report.invocationId,
            instanceId: report.instanceId,
            stream: report.stream,
            startByte: report.offset,
            at: report.at,
            data: report.data,
          },
        ]
      : [],
  )
}

/**
 * The furthest state of each invocation and its stored output; one that ends in the same batch
 * needs no progress.
 */
function findProgress(
  reports: readonly Report[],
  storedBytes: ReadonlyMap<InvocationId, number>,
): InvocationProgress[] {
  const progress = new Map<string, InvocationProgress>()
  for (const report of reports) {
    if (report.kind === 'end' || report.kind === 'unknown') continue
    const { invocationId: id, instanceId } = report
    const receivedBytes = storedBytes.get(id) ?? 0
    if (report.kind === 'output' && receivedBytes === 0) continue
    const known = progress.get(subjectOf(report)) ?? {
      id,
      instanceId,
      state: undefined,
      step: undefined,
      reboots: 0,
      receivedBytes,
    }
    const { state, step, reboots = 0 } = report.kind === 'state' ? report : known
    const isNews = rankOf({ state, reboots }) >= rankOf(known)
    progress.set(subjectOf(report), isNews ? { ...known, state, step, reboots } : known)
  }
  for (const report of reports) if (report.kind === 'end') progress.delete(subjectOf(report))
  return [...progress.values()]
}

const rankOf = ({ state, reboots }: Pick<InvocationProgress, 'state' | 'reboots'>) =>
  state ? findProgressRank(state, reboots) : -1

/** `inv-X-3-1` belongs to `exec-X` (core/id.ts). */
const executionIdOf = (id: InvocationId) => `exec-${id.split('-')[1]}` as ExecutionId
