import type { InstallStepId } from '../../core/install/install-plan.ts'
import type { ReportEntry } from '../../protocol/agent-messages.ts'
import type { JournalledStep } from '../state/journal.ts'

/** The scripts that a task is about, the first of them that ran; the others prepare it, ask for its output, or undo it. */
const subjects: readonly InstallStepId[] = ['runWanted', 'installWanted', 'updateWanted', 'uninstallPrevious']

/** Where in the streams of an invocation that script printed; undefined: no other script ran, or none of these. */
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
