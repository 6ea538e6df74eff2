import { Box, render, Text } from 'ink'
import { createElement as h, type ReactNode } from 'react'
import { taskStatuses } from '../../core/execution/execution.ts'
import type { BatchView, ExecutionView } from '../../protocol/api/executions.ts'
import { showDuration } from '../output/format.ts'
import { clip, countWithNoun, printable } from '../output/printable.ts'
import type { Sink } from '../output/sink.ts'
import { waitingHints } from './plain-lines.ts'
import { countOf, endedCount, type Progress, runningCount, showFailure } from './progress.ts'
import { showOperation } from './show-operation.ts'
import { statusStyles } from './verdict.ts'

/** Rows for tasks on a terminal of 24 lines, beside the fixed rows. */
const maxBatchRows = 6
const maxRunningShown = 6
const maxFailureRows = 5
const barWidth = 32
const paintEveryMs = 100

export interface LiveView {
  show(progress: Progress): void
  /** A line under the view while the connection is lost; undefined removes it. */
  note(text: string | undefined): void
  /** Stops repainting and keeps the last frame. */
  close(): Promise<void>
}

/**
 * Repaints a few lines of a terminal while an execution runs. Loaded only for terminals: ink adds
 * 0.2 s to the start.
 */
export function openLiveView(out: Sink, now: () => number): LiveView {
  let progress: Progress | undefined
  let note: string | undefined
  const picture = () =>
    progress ? h(View, { progress, note, now: now(), columns: out.columns, hasStyles: out.hasStyles }) : null
  const instance = render(picture(), { stdout: out.stream, exitOnCtrlC: false, patchConsole: false, interactive: true })
  let isDue = false
  const paint = () => {
    isDue = false
    instance.rerender(picture())
  }
  const timer = setInterval(paint, 1000)
  const schedule = () => {
    if (isDue) return
    isDue = true
    setTimeout(() => isDue && paint(), paintEveryMs)
  }
  return {
    show(next) {
      progress = next
      schedule()
    },
    note(text) {
      note = text
      schedule()
    },
    async close() {
      clearInterval(timer)
      paint()
      instance.unmount()
      await instance.waitUntilExit()
    },
  }
}

interface ViewProps {
  readonly progress: Progress
  readonly note: string | undefined
  readonly now: number
  readonly columns: number
  readonly hasStyles: boolean
}

/** Styled text; plain with NO_COLOR. */
type Paint = (text: string, style?: { color?: string; bold?: boolean; dimColor?: boolean }) => ReactNode

/** Exported for its test: the frame is a function of progress and time. */
export function View({ progress, note, now, columns, hasStyles }: ViewProps): ReactNode {
  const { execution } = progress
  const paint: Paint = (text, style) =>
    h(Text, { wrap: 'truncate-end', ...(hasStyles && style) }, text.replaceAll(/\p{Cc}/gu, ' '))
  const elapsedMs = (execution.endedAt ? Date.parse(execution.endedAt) : now) - Date.parse(execution.createdAt)
  const isWaiting = execution.status === 'Waiting'
  const rows = [
    h(
      Box,
      { gap: 2 },
      paint(showOperation(execution), { bold: true }),
      paint(execution.status, { color: statusStyles[execution.status] }),
      paint(showDuration(Math.max(0, elapsedMs)), { dimColor: true }),
      paint(execution.id, { dimColor: true }),
    ),
    ...batchRows(execution, paint),
    countsRow(execution, paint),
    ...runningRows(progress, columns, paint),
    ...failureRows(progress, columns, paint),
    ...(isWaiting ? [paint(`waiting: ${printable(execution.reason)}`, { color: 'yellow' })] : []),
    ...(isWaiting ? waitingHints(execution).map((hint) => paint(hint)) : []),
    ...(note === undefined ? [] : [paint(note, { color: 'yellow' })]),
    ...(execution.endedAt ? [] : [paint('Ctrl-C leaves it running', { dimColor: true })]),
  ]
  return h(Box, { flexDirection: 'column', width: columns }, ...rows)
}

function batchRows(execution: ExecutionView, paint: Paint): ReactNode[] {
  const { batches, rateControl, openBatch } = execution
  if (rateControl.batchCount <= 1) return batches.slice(0, 1).map((batch) => batchRow('all', batch, paint))
  // Centres the window on the open batch, as far as other batches surround it.
  const first = Math.max(0, Math.min(openBatch - 1 - Math.floor(maxBatchRows / 2), batches.length - maxBatchRows))
  const shown = batches.slice(first, first + maxBatchRows)
  const hidden = batches.length - shown.length
  return [
    ...shown.map((batch) => batchRow(`batch ${batch.number}/${rateControl.batchCount}`, batch, paint)),
    ...(hidden > 0 ? [paint(`  and ${countWithNoun(hidden, 'other batch')}`, { dimColor: true })] : []),
  ]
}

function batchRow(name: string, batch: BatchView, paint: Paint): ReactNode {
  const { size, success, failed, cancelled, skipped, running } = batch
  const widthOf = (count: number) => (size === 0 ? 0 : (count / size) * barWidth)
  const good = Math.floor(widthOf(success + skipped))
  const bad = Math.min(barWidth - good, Math.ceil(widthOf(failed + cancelled)))
  const busy = Math.min(barWidth - good - bad, Math.ceil(widthOf(running)))
  return h(
    Box,
    { gap: 1 },
    paint(name.padEnd(11)),
    h(
      Box,
      null,
      paint('█'.repeat(good), { color: 'green' }),
      paint('█'.repeat(bad), { color: 'red' }),
      paint('▒'.repeat(busy), { color: 'cyan' }),
      paint('░'.repeat(barWidth - good - bad - busy), { dimColor: true }),
    ),
    paint(`${success + failed + cancelled + skipped}/${size}`),
    failed > 0 ? paint(`${failed} failed`, { color: 'red' }) : null,
  )
}

function countsRow(execution: ExecutionView, paint: Paint): ReactNode {
  const { counts, taskCount, rateControl } = execution
  const failed = countOf(counts, 'Failed')
  const shown = taskStatuses
    .filter((status) => countOf(counts, status) > 0)
    .map((status) => `${countOf(counts, status)} ${status}`)
  return h(
    Box,
    { gap: 2 },
    paint(`${endedCount(execution)} of ${taskCount}`, { bold: true }),
    paint(shown.join(' · ')),
    paint(`errors ${failed} of ${rateControl.maxErrors} accepted`, failed > 0 ? { color: 'red' } : { dimColor: true }),
  )
}

function runningRows({ running, execution }: Progress, columns: number, paint: Paint): ReactNode[] {
  const names = [...running.values()]
    .slice(0, maxRunningShown)
    .map(({ instanceName, status }) => `${printable(instanceName)}${status === 'Rebooting' ? ' (rebooting)' : ''}`)
  if (names.length === 0) return []
  const more = runningCount(execution) - names.length
  const text = `running: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  return [paint(clip(text, columns), { color: 'cyan' })]
}

function failureRows({ failures, execution }: Progress, columns: number, paint: Paint): ReactNode[] {
  const shown = failures.slice(-maxFailureRows)
  const earlier = countOf(execution.counts, 'Failed') - shown.length
  return [
    ...shown.map((task) => paint(clip(`✗ ${printable(showFailure(task))}`, columns), { color: 'red' })),
    ...(earlier > 0 && shown.length > 0
      ? [paint(`  and ${countWithNoun(earlier, 'earlier failure')}`, { dimColor: true })]
      : []),
  ]
}
