import { type ExecutionReasonCode, isEnded } from '../../../core/execution/execution.ts'
import { totalTasks } from '../../../core/execution/task-counts.ts'
import {
  type AskedFor,
  type ExecutionSummaryRecord,
  readAskedFor,
  readTaskPage,
} from '../../app/execution/read-executions.ts'
import { readOutputTails } from '../../app/output/read-output-tails.ts'
import type { OosCall } from '../operation.ts'
import { showTime } from '../rpc/show-time.ts'
import { type OosTaskStatus, ofOosTaskStatus, oosTaskStatuses } from './oos-task-status.ts'
import { givenParameters, originOf, showTargets, templateOf } from './origin.ts'
import { showReason } from './show-reason.ts'
import { showTaskId } from './task-id.ts'
import { showOutputs } from './task-outputs.ts'

/** Targets that are longer as text are omitted from lists; this is also the limit of a request. */
export const maxTargetsLength = 64 * 1024

/** Renders executions as ListExecutions returns them. */
export async function showExecutions(
  call: OosCall,
  views: readonly ExecutionSummaryRecord[],
  { outputs = false }: { readonly outputs?: boolean } = {},
): Promise<Readonly<Record<string, unknown>>[]> {
  const ids = views.map(({ execution }) => execution.id)
  const askedFor = await readAskedFor(call.context, call.actor, ids, maxTargetsLength)
  return Promise.all(
    views.map(async (view) => ({
      ...showExecution(call, view, askedFor.get(view.execution.id)),
      Outputs: outputs ? await renderOutputs(call, view, askedFor.get(view.execution.id)) : '',
    })),
  )
}

function showExecution({ context: { region } }: OosCall, view: ExecutionSummaryRecord, askedFor: AskedFor | undefined) {
  const { execution, counts } = view
  const origin = originOf(view, askedFor, region)
  const template = templateOf(origin)
  const totals = totalTasks(counts)
  const countOf = (status: OosTaskStatus) => ofOosTaskStatus(status).reduce((sum, one) => sum + totals[one], 0)
  const filled = oosTaskStatuses.filter((status) => countOf(status) > 0)
  const { loopTask } = template
  return {
    ExecutionId: execution.id,
    Status: execution.status,
    StatusMessage: perfectReasons.has(execution.reason_code) ? '' : showReason(execution),
    StatusReason: execution.reason_code,
    WaitingStatus: execution.status === 'Waiting' ? execution.reason_code : '',
    TemplateId: template.templateId,
    TemplateName: template.name,
    TemplateVersion: origin.templateVersion ?? template.version,
    Category: 'Other',
    Mode: origin.mode ?? execution.mode,
    ...(origin.loopMode === undefined ? {} : { LoopMode: origin.loopMode }),
    SafetyCheck: origin.safetyCheck ?? '',
    RamRole: origin.ramRole,
    ExecutedBy: execution.created_by,
    Description: execution.description,
    Tags: execution.tags,
    ResourceGroupId: execution.resource_group,
    IsParent: false,
    ParentExecutionId: execution.parent_execution_id ?? '',
    Parameters: givenParameters(origin),
    Targets: showSelection(
      origin.parameters.targets ?? (askedFor?.targets && showTargets(askedFor.targets, region)),
      region,
    ),
    Counters: {
      ...Object.fromEntries(oosTaskStatuses.map((status) => [status, countOf(status)])),
      Total: execution.task_count,
    },
    ResourceStatus: JSON.stringify(Object.fromEntries(filled.map((status) => [status, countOf(status)]))),
    CurrentTasks: isEnded(execution.status)
      ? []
      : [{ TaskExecutionId: showTaskId(execution.id, 'loop'), TaskName: loopTask.name, TaskAction: loopTask.action }],
    CreateDate: showTime(execution.created_at),
    StartDate: showTime(execution.created_at),
    ...ofTriggers,
    EndDate: execution.ended_at ? showTime(execution.ended_at) : '',
    UpdateDate: showTime(execution.ended_at ?? execution.started_at ?? execution.created_at),
  }
}

/** Templates have no triggers here. */
const ofTriggers = {
  LastSuccessfulTriggerTime: '',
  LastTriggerOutputs: '',
  LastTriggerStatus: '',
  LastTriggerStatusMessage: '',
  LastTriggerTime: '',
  NextScheduleTime: '',
}

/** Fields of ListExecutions that the response of StartExecution lacks. */
const listedOnly: ReadonlySet<string> = new Set([
  ...Object.keys(ofTriggers),
  'Category',
  'ResourceStatus',
  'StatusReason',
  'Targets',
  'WaitingStatus',
])

/** Renders an execution as StartExecution returns it: with its parameters as text. */
export const showStarted = (execution: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  LoopMode: '',
  ...Object.fromEntries(Object.entries(execution).filter(([name]) => !listedOnly.has(name))),
  Parameters: JSON.stringify(execution.Parameters),
})
/** Other reasons report deviations, also with Success: skipped targets and accepted failures. */
const perfectReasons: ReadonlySet<ExecutionReasonCode> = new Set(['AllSucceeded', 'NothingToDo'])

const showSelection = (targets: unknown, region: string): string =>
  targets === undefined || targets === null
    ? ''
    : JSON.stringify({ ResourceType: 'ALIYUN::ECS::Instance', Filters: [{ RegionId: region, ...targets }] })

/** With more tasks the response has no outputs: ListTaskExecutions returns them in pages. */
const maxOutputTasks = 100

async function renderOutputs(
  call: OosCall,
  view: ExecutionSummaryRecord,
  askedFor: AskedFor | undefined,
): Promise<string> {
  const { id, task_count: taskCount } = view.execution
  if (taskCount > maxOutputTasks) return ''
  const order = { by: 'ordinal', ascending: true } as const
  const tasks = await readTaskPage(call.context, call.actor, id, {}, { order, limit: maxOutputTasks })
  const ordinals = tasks.map(({ ordinal }) => ordinal)
  const tails = await readOutputTails(call.context, id, ordinals)
  return JSON.stringify(showOutputs(originOf(view, askedFor, call.context.region), tasks, tails))
}
