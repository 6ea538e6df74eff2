import type { InstallStepId } from '../../core/install/install-step-ids.ts'
import type { ReportEntry } from '../../protocol/agent-messages.ts'
import type { JournalledStep } from '../state/journal.ts'

/**
 * The scripts of the task itself, in order of preference; the others prepare it, print its output,
 * or roll it back.
 */
const subjects: readonly InstallStepId[] = ['runWanted', 'installWanted', 'updateWanted', 'uninstallPrevious']

/**
 * The range of that script in the invocation's streams; undefined if no other script ran, or none
 * of these did.
 */
export function findScriptRange(
  steps: readonly Pick<JournalledStep, 'id' | 'run'>[],
): Extract<ReportEntry, { kind: 'end' }>['scriptRange'] {
  const ran = steps.flatMap(({ id, run }) => (run ? [{ id, run }] : [])).toSorted((a, b) => a.run.number - b.run.number)
  const subject = subjects.find((id) => ran.some((step) => step.id === id))
  const index = ran.findIndex(({ id }) => id === subject)
  if (index < 0 || ran.length === 1) return undefined
  const rangeOf = (size: 'stdoutBytes' | 'stderrBytes'): [number, number] => {
    const from = ran.slice(0, index).reduce((sum, { run }) => sum + (run[size] ?? 0), 0)
    return [from, from + (ran[index]?.run[size] ?? 0)]
  }
  return { stdout: rangeOf('stdoutBytes'), stderr: rangeOf('stderrBytes') }
}
