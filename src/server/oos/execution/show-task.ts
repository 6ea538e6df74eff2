import { isEnded, type TaskStatus } from '../../../core/execution/execution.ts'
import type { ExecutionSummaryRecord, TaskRow } from '../../app/execution/read-executions.ts'
import type { TaskTails } from '../../app/output/read-output-tails.ts'
import { showTime } from '../rpc/show-time.ts'
import { toOosTaskStatus } from './oos-task-status.ts'
import { type Origin, templateOf } from './origin.ts'
import { showReason } from './show-reason.ts'
import { showTaskId } from './task-id.ts'
import { showTaskOutputs } from './task-outputs.ts'

/** Renders the task of one instance as ListTaskExecutions returns it. */
export function showTask(view: ExecutionSummaryRecord, origin: Origin, task: TaskRow, tails: TaskTails | undefined) {
  const { execution } = view
  const { templateId, loopTask } = templateOf(origin)
  const instanceId = origin.aliases[task.instance_id] ?? task.instance_id
  const names = Object.keys(loopTask.properties).filter((name) => name in origin.parameters)
  return {
    TaskExecutionId: showTaskId(execution.id, task.ordinal),
    ExecutionId: execution.id,
    ParentTaskExecutionId: showTaskId(execution.id, 'loop'),
    ChildExecutionId: '',
    TaskName: loopTask.name,
    TaskAction: loopTask.action,
    TemplateId: templateId,
    Status: toOosTaskStatus(task.status),
    StatusMessage: showReason(task),
    StatusReason: task.reason_code,
    Loop: {},
    LoopItem: instanceId,
    LoopBatchNumber: task.batch,
    Properties: JSON.stringify({
      regionId: origin.parameters.regionId,
      instanceId,
      ...Object.fromEntries(names.map((name) => [name, origin.parameters[name]])),
    }),
    Outputs: JSON.stringify(showTaskOutputs(origin, task, tails)),
    ExtraData: { NotifyNote: task.note },
    CreateDate: showTime(execution.created_at),
    StartDate: task.started_at ? showTime(task.started_at) : '',
    EndDate: task.ended_at ? showTime(task.ended_at) : '',
    UpdateDate: showTime(task.ended_at ?? task.started_at ?? execution.created_at),
  }
}

/**
 * Renders the two parent tasks. The instances are selected when the execution starts; the loop has
 * the execution's status.
 */
export function showTopTasks(view: ExecutionSummaryRecord, origin: Origin) {
  const { execution } = view
  const { templateId, selectTask, loopTask } = templateOf(origin)
  const common = {
    ExecutionId: execution.id,
    ParentTaskExecutionId: '',
    ChildExecutionId: '',
    TemplateId: templateId,
    LoopItem: '',
    LoopBatchNumber: 0,
    Outputs: '',
    CreateDate: showTime(execution.created_at),
    StartDate: showTime(execution.created_at),
  }
  const ended = execution.ended_at ? showTime(execution.ended_at) : ''
  return [
    {
      ...common,
      TaskExecutionId: showTaskId(execution.id, 'select'),
      TaskName: selectTask,
      TaskAction: 'ACS::SelectTargets',
      Status: 'Success' as TaskStatus,
      StatusMessage: '',
      StatusReason: 'Succeeded',
      Loop: {},
      Properties: JSON.stringify({ ResourceType: 'ALIYUN::ECS::Instance', RegionId: origin.parameters.regionId }),
      ExtraData: { NotifyNote: '' },
      EndDate: common.StartDate,
      UpdateDate: common.StartDate,
    },
    {
      ...common,
      TaskExecutionId: showTaskId(execution.id, 'loop'),
      TaskName: loopTask.name,
      TaskAction: loopTask.action,
      Status: isEnded(execution.status) ? execution.status : execution.status === 'Waiting' ? 'Waiting' : 'Running',
      StatusMessage: execution.status === 'Success' ? '' : showReason(execution),
      StatusReason: execution.reason_code,
      Loop: { Items: execution.task_count, RateControl: origin.parameters.rateControl },
      Properties: JSON.stringify({}),
      ExtraData: { NotifyNote: execution.note },
      EndDate: ended,
      UpdateDate: ended === '' ? common.StartDate : ended,
    },
  ]
}
