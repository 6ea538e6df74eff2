import type { z } from 'zod'
import { restateRateControl } from '../../../core/execution/resolve-rate-control.ts'
import { countRunning, type TaskCount, totalTasks } from '../../../core/execution/task-counts.ts'
import type { Gate } from '../../../core/gate/gate.ts'
import { renderGate } from '../../../core/gate/parse-gate.ts'
import { isWork, summarizePlan } from '../../../core/plan/plan.ts'
import type { ShownPart } from '../../../core/plan/plan-difference.ts'
import { readStored } from '../../../core/plan/stored-plan.ts'
import type { Timing } from '../../../core/timing/timing.ts'
import { renderWindow } from '../../../core/timing/window.ts'
import type { PlanApproval } from '../../../core/trust/plan-approval.ts'
import type {
  BatchView,
  executionChangeSchema,
  executionSchema,
  executionSummarySchema,
  invocationViewSchema,
  outputChunkSchema,
  taskSchema,
} from '../../../protocol/api/executions.ts'
import type { planPageSchema, planSchema } from '../../../protocol/api/plan/plans.ts'
import type { ExecutionChanges } from '../../app/execution/read-changes.ts'
import type {
  ExecutionRecord,
  ExecutionSummaryRecord,
  InvocationRow,
  OutputRow,
  TaskRow,
} from '../../app/execution/read-executions.ts'
import { renderShownValues } from '../../app/operation/operations.ts'
import type { ShownValues } from '../../app/operation/show-values.ts'
import type { KeptPlan, PlanPage } from '../../app/plan/kept-plans.ts'
import type { ShownTaskValues } from '../../app/plan/shown-values.ts'
import { renderPageToken } from '../http/page-token.ts'
import { type Absent, presentOperation, presentOperationView, version } from './present-operation.ts'
import { presentReason, presentReasonOfRow } from './present-reason.ts'

/** An instant as ISO text under the given name; empty if there is none. */
function instant<Name extends string>(name: Name, at: Date | null): Absent<Name> {
  return (at === null ? {} : { [name]: at.toISOString() }) as Absent<Name>
}

export function presentSummary({ execution, counts }: ExecutionSummaryRecord): z.input<typeof executionSummarySchema> {
  const { operation, rate_control: rateControl } = execution
  return {
    id: execution.id,
    status: execution.status,
    reasonCode: execution.reason_code,
    ...presentReasonOfRow(execution),
    ...presentOperation(operation),
    description: execution.description,
    mode: execution.mode,
    strict: execution.strict,
    skipOffline: execution.skip_offline,
    rateControl: {
      mode: rateControl.mode,
      concurrency: rateControl.concurrency,
      batchPause: rateControl.batchPause,
      maxErrors: rateControl.maxErrors,
      batchCount: rateControl.batchSizes.length,
      ...(rateControl.gates?.length ? { gates: rateControl.gates.map(renderGate) } : {}),
      ...(rateControl.onGateFailure ? { onGateFailure: rateControl.onGateFailure } : {}),
    },
    counts: totalTasks(counts),
    openBatch: execution.open_batch,
    taskCount: execution.task_count,
    revision: execution.revision,
    ...(execution.retry_of === null ? {} : { retryOf: execution.retry_of }),
    ...(execution.rollback_of === null ? {} : { rollbackOf: execution.rollback_of }),
    ...(execution.parent_execution_id === null ? {} : { parentExecutionId: execution.parent_execution_id }),
    ...presentTiming(execution.timing),
    ...(execution.approval ? { approval: presentApproval(execution.approval) } : {}),
    tags: execution.tags,
    resourceGroup: execution.resource_group,
    ...(execution.note === '' ? {} : { note: execution.note }),
    ...(execution.client_token === null ? {} : { clientToken: execution.client_token }),
    createdBy: execution.created_by,
    createdAt: execution.created_at.toISOString(),
    ...instant('startedAt', execution.started_at),
    ...instant('endedAt', execution.ended_at),
    ...instant('outputExpiredAt', execution.output_expired_at),
  }
}

const presentTiming = (timing: Timing | null) => ({
  ...(timing?.notBefore === undefined ? {} : { startAt: new Date(timing.notBefore).toISOString() }),
  ...(timing?.window ? { window: renderWindow(timing.window) } : {}),
  ...(timing?.ignoresFreezes ? { ignoreFreezes: true } : {}),
})

export const presentApproval = ({ threshold, signed, expiresAt }: PlanApproval) => ({
  threshold,
  signed,
  expiresAt: new Date(expiresAt).toISOString(),
})

export function presentExecution(view: ExecutionRecord): z.input<typeof executionSchema> {
  const { execution, counts } = view
  return {
    ...presentChange(view),
    targets: execution.targets as z.input<typeof executionSchema>['targets'],
    batches: presentBatches({ execution, counts }),
  }
}

/**
 * The part that an event stream repeats after every change: its size does not depend on the number
 * of targets or batches.
 */
export const presentChange = (summary: ExecutionSummaryRecord): z.input<typeof executionChangeSchema> => ({
  ...presentSummary(summary),
  reasons: presentReasons(summary.counts),
})

/** One pass over the counters, of which there may be some thousand rows. */
export function presentBatches({ execution, counts }: ExecutionSummaryRecord): BatchView[] {
  const byBatch = Map.groupBy(counts, ({ batch }) => batch)
  const { batchSizes, batchGroups = {} } = execution.rate_control
  return batchSizes.map((size, index) => {
    const group = batchGroups[index + 1]
    return {
      ...presentBatch(byBatch.get(index + 1) ?? [], index + 1, size),
      ...(group === undefined ? {} : { group }),
    }
  })
}

/**
 * Presents a single execution completely; event streams and lists omit the fields that may be
 * large.
 */
export function presentWhole(
  view: ExecutionRecord,
  values: readonly ShownValues[],
  { rolledBackBy, changes, gate, decisions }: ExecutionChanges,
): z.input<typeof executionSchema> {
  const shown = presentExecution(view)
  const { operation, command_content: content, rate_control: rateControl } = view.execution
  return {
    ...shown,
    operation: presentOperationView(operation, content),
    rateControl: { ...shown.rateControl, requested: presentRequested(rateControl) },
    parameters: values.map(presentValues),
    ...(rolledBackBy === undefined ? {} : { rolledBackBy }),
    changes: changes.map(presentChangeCount),
    ...(gate === undefined ? {} : { gate: presentGate(gate, rateControl.gates ?? []) }),
    ...(decisions.length > 0 && { decisions: decisions.map(presentGateDecision) }),
  }
}

const presentGateDecision = ({ batch, user, approves, comment, at }: ExecutionChanges['decisions'][number]) => ({
  batch,
  user,
  approves,
  ...(comment !== '' && { comment }),
  at: at.toISOString(),
})

const presentGate = (
  { batch, gate: index, beganAt, outcome, approvals }: NonNullable<ExecutionChanges['gate']>,
  gates: readonly Gate[],
) => {
  const gate = gates[index]
  return {
    batch,
    gate: gate ? renderGate(gate) : '',
    index: index + 1,
    beganAt: new Date(beganAt).toISOString(),
    ...(outcome === undefined ? {} : { outcome }),
    approvals: approvals.map(({ user, approves }) => ({ user, approves })),
  }
}

const presentChangeCount = ({
  extensionName: extension,
  from,
  to,
  isBroken,
  count,
}: ExecutionChanges['changes'][number]) => ({
  extension,
  ...version('from', from),
  ...version('to', to),
  ...(isBroken ? { broken: true as const } : {}),
  count,
})

function presentRequested(rateControl: ExecutionRecord['execution']['rate_control']) {
  const { batches, gates, ...requested } = restateRateControl(rateControl)
  return {
    ...requested,
    ...(batches === undefined ? {} : { batches: [...batches] }),
    ...(gates === undefined ? {} : { gates: [...gates] }),
  }
}

const presentValues = ({ values, given, ...shown }: ShownValues) => ({
  ...shown,
  values: { ...values },
  given: [...given],
})

export const presentTaskValues = ({ values, changes, ...shown }: ShownTaskValues) => ({
  ...shown,
  values: { ...values },
  changes: [...changes],
})

function presentReasons(counts: readonly TaskCount[]) {
  const sums = new Map<string, { status: TaskCount['status']; reasonCode: TaskCount['reasonCode']; count: number }>()
  for (const { status, reasonCode, count } of counts) {
    const key = `${status} ${reasonCode}`
    const sum = sums.get(key) ?? { status, reasonCode, count: 0 }
    sums.set(key, { ...sum, count: sum.count + count })
  }
  return [...sums.values()]
}

function presentBatch(counts: readonly TaskCount[], number: number, size: number): BatchView {
  const totals = totalTasks(counts)
  return {
    number,
    size,
    pending: totals.Pending,
    running: countRunning(totals),
    rebooting: totals.Rebooting,
    success: totals.Success,
    failed: totals.Failed,
    cancelled: totals.Cancelled,
    skipped: totals.Skipped,
  }
}

export function presentTask(task: TaskRow): z.input<typeof taskSchema> {
  return {
    id: `task-${task.execution_id.slice('exec-'.length)}-${task.ordinal}`,
    ordinal: task.ordinal,
    batch: task.batch,
    instanceId: task.instance_id,
    instanceName: task.instance_name,
    step: task.step,
    status: task.status,
    reasonCode: task.reason_code,
    ...presentReasonOfRow(task),
    ...(task.exit_code === null ? {} : { exitCode: task.exit_code }),
    ...(task.output === null ? {} : { output: task.output }),
    ...(task.note === '' ? {} : { note: task.note }),
    ...version('fromVersion', task.from_version),
    ...version('toVersion', task.to_version),
    ...(task.parts === null ? {} : { parts: task.parts.map(readStored).map(presentPart), part: (task.part ?? 0) + 1 }),
    attempt: task.attempt,
    revision: task.revision,
    ...instant('startedAt', task.started_at),
    ...instant('endedAt', task.ended_at),
  }
}

export function presentInvocation(invocation: InvocationRow): z.input<typeof invocationViewSchema> {
  return {
    id: invocation.id,
    instanceId: invocation.instance_id,
    attempt: invocation.attempt,
    state: invocation.state as z.input<typeof invocationViewSchema>['state'],
    ...(invocation.step === null ? {} : { step: invocation.step }),
    queuedAt: invocation.queued_at.toISOString(),
    ...instant('sentAt', invocation.sent_at),
    ...instant('acceptedAt', invocation.accepted_at),
    ...instant('endedAt', invocation.ended_at),
    ...(invocation.reason === null && invocation.reason_messages === null ? {} : presentReasonOfRow(invocation)),
    ...(invocation.exit_code === null ? {} : { exitCode: invocation.exit_code }),
    stdoutBytes: invocation.stdout_bytes,
    stderrBytes: invocation.stderr_bytes,
    cutBytes: invocation.cut_bytes,
  }
}

export function presentOutput(row: OutputRow): z.input<typeof outputChunkSchema> {
  return {
    invocationId: row.invocationId,
    instanceId: row.instanceId,
    instanceName: row.instanceName,
    stream: row.streamName,
    offset: row.startByte,
    at: row.at.toISOString(),
    data: row.data.toString('base64'),
  }
}

const presentDecision = (decision: Omit<ShownPart, 'extensionName' | 'parametersDigest'>) => ({
  step: decision.step,
  reasonCode: decision.reasonCode,
  ...presentReason(decision.reason),
  ...version('fromVersion', decision.fromVersion),
  ...version('toVersion', decision.toVersion),
  ...(decision.configurationId === undefined ? {} : { configurationId: decision.configurationId }),
  ...(decision.parameterChanges === undefined ? {} : { parameterChanges: [...decision.parameterChanges] }),
})

const presentPart = (part: Omit<ShownPart, 'parametersDigest'>) => ({
  extension: part.extensionName,
  ...presentDecision(part),
})

export function presentPlan({ plan, id, digest, page }: KeptPlan): z.input<typeof planSchema> {
  const { steps, reasonCodes } = summarizePlan(plan.planned)
  const { items, nextToken } = presentPlanPage(page)
  return {
    id,
    digest,
    ...presentOperation(plan.operation),
    parameters: renderShownValues(
      plan.operation,
      plan.parts.map(({ secret }) => secret),
    ).map(presentValues),
    counts: steps,
    reasonCounts: reasonCodes,
    offlineCount: plan.planned.filter((target) => target.isOffline && isWork(target)).length,
    verdict: { ...plan.verdict, ...presentReason(plan.verdict.reason) },
    targetCount: plan.planned.length,
    batchSizes: [...plan.rateControl.batchSizes],
    concurrency: plan.rateControl.concurrency,
    maxErrors: plan.rateControl.maxErrors,
    ...(plan.group ? { group: presentGroup(plan.group) } : {}),
    targets: items,
    ...(nextToken === undefined ? {} : { nextToken }),
  }
}

const presentGroup = ({ name, size, isUnusual }: NonNullable<KeptPlan['plan']['group']>) => ({
  name,
  ...size,
  isUnusual,
})

export function presentPlanPage({ targets, next }: PlanPage): z.input<typeof planPageSchema> {
  const items = targets.map((target) => ({
    instanceId: target.instanceId,
    instanceName: target.name,
    ...presentDecision(target),
    ...(target.parts ? { parts: target.parts.map(presentPart) } : {}),
    ...(target.batch === undefined ? {} : { batch: target.batch }),
    ...(target.isOffline ? { offline: true as const } : {}),
  }))
  return next === undefined ? { items } : { items, nextToken: renderPageToken([next]) }
}
