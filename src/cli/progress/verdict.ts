import type { ExecutionView } from '../../protocol/api/executions.ts'
import { showDuration } from '../output/format.ts'
import { countWithNoun, printable } from '../output/printable.ts'
import type { Sink, Style } from '../output/sink.ts'
import { countOf, type Progress, showFailure } from './progress.ts'
import { showOperation } from './show-operation.ts'

export const statusStyles = {
  Started: 'cyan',
  Queued: 'yellow',
  Running: 'cyan',
  Waiting: 'yellow',
  Success: 'green',
  Failed: 'red',
  Cancelled: 'yellow',
} as const satisfies Record<ExecutionView['status'], Style>

/** Maximum failures listed with the result; the rest is counted. */
const maxFailuresListed = 10

/** State of an execution: one sentence, counts per reason, and next steps. */
export function printVerdict(
  out: Sink,
  progress: Pick<Progress, 'execution' | 'failures'>,
  { listFailures = true } = {},
): void {
  const { execution } = progress
  const { id, status, startedAt, endedAt, reasons } = execution
  const took = startedAt && endedAt ? ` in ${showDuration(Date.parse(endedAt) - Date.parse(startedAt))}` : ''
  out.line(
    `${out.style(statusStyles[status], status)}: ${showOperation(execution)}${took}: ${printable(execution.reason)}`,
  )
  const width = Math.max(...reasons.map(({ count }) => String(count).length), 1)
  for (const { status: taskStatus, reasonCode, count } of reasons) {
    if (count > 0) out.line(`  ${String(count).padStart(width)} ${taskStatus}: ${reasonCode}`)
  }
  if (listFailures) printFailures(out, progress)
  for (const hint of hintsOf(id, progress)) out.line(hint)
}

function printFailures(out: Sink, { execution, failures }: Pick<Progress, 'execution' | 'failures'>): void {
  for (const task of failures.slice(-maxFailuresListed))
    out.line(`  ${out.style('red', 'failed')} ${printable(showFailure(task))}`)
  const more = countOf(execution.counts, 'Failed') - Math.min(failures.length, maxFailuresListed)
  if (more > 0)
    out.line(`  and ${countWithNoun(more, 'other')}: chandler execution show ${execution.id} --status Failed`)
}

function hintsOf(id: string, { execution, failures }: Pick<Progress, 'execution' | 'failures'>): string[] {
  const { counts, status } = execution
  const hasFailed =
    status === 'Failed' || status === 'Cancelled' || (status === 'Success' && countOf(counts, 'Failed') > 0)
  if (!hasFailed) return []
  const [failure] = failures
  const canRetry = countOf(counts, 'Failed') + countOf(counts, 'Cancelled') > 0
  return [
    ...(failure ? [`  show its output: chandler logs ${id} --instance ${failure.instanceId}`] : []),
    ...(canRetry ? [`  retry failures:  chandler execution retry ${id} --failed`] : []),
  ]
}
