import type { OutputRow, TaskRow } from '../../app/execution/read-executions.ts'
import { showTime } from '../rpc/show-time.ts'
import { showReason } from './show-reason.ts'
import { showTaskId } from './task-id.ts'

/** `System`: an action of Chandler. `Stdout`, `Stderr`: a line that a script printed. */
export type LogType = 'System' | 'Stdout' | 'Stderr'

/** One line of an execution's log. */
export interface LogLine {
  readonly LogType: LogType
  readonly Message: string
  readonly TaskExecutionId: string
  readonly Timestamp: string
}

/** The log lines before and after a task's output; a task that has not begun has none. */
export function listTaskLines({
  name,
  task,
  item,
}: {
  readonly name: string
  readonly task: TaskRow
  readonly item: string
}): { readonly before: LogLine[]; readonly after: LogLine[] } {
  const line = (Message: string, at: Date): LogLine => ({
    LogType: 'System',
    Message,
    TaskExecutionId: showTaskId(task.execution_id, task.ordinal),
    Timestamp: showTime(at),
  })
  const { started_at: startedAt, ended_at: endedAt } = task
  return {
    before: startedAt ? [line(`The task ${name} started on ${item}.`, startedAt)] : [],
    after: endedAt
      ? [line(`The task ${name} ${words[task.status]} on ${item}${because(showReason(task))}`, endedAt)]
      : [],
  }
}

const words: Readonly<Record<TaskRow['status'], string>> = {
  Pending: 'is pending',
  Running: 'is running',
  Rebooting: 'is rebooting',
  Success: 'completed',
  Failed: 'failed',
  Cancelled: 'was cancelled',
  Skipped: 'was skipped',
}

const because = (reason: string) => (reason === '' ? '.' : `: ${reason}`)

/** Splits a piece of output into lines; text at its end without a line break is a line, too. */
export function splitLines(row: OutputRow, taskId: string): LogLine[] {
  const lines = row.data.toString('utf8').split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines.map((Message) => ({
    LogType: row.streamName === 'stdout' ? 'Stdout' : 'Stderr',
    Message,
    TaskExecutionId: taskId,
    Timestamp: showTime(row.at),
  }))
}
