import type { TaskView } from '../../../../src/protocol/api/executions.ts'
import { renderVersions } from '../instance/extensions/render-versions.ts'

/** One line of what a task does. */
export interface PlannedChange {
  /** The extension, where the task changes several in order. */
  readonly name?: string
  readonly step: TaskView['step']
  /** Such as `v1 → v2`; empty where nothing has a version. */
  readonly versions: string
}

/** What was planned for a task: one line, or one for each of several extensions. */
export function describeTaskPlan({
  step,
  fromVersion,
  toVersion,
  parts,
}: Pick<TaskView, 'step' | 'fromVersion' | 'toVersion' | 'parts'>): PlannedChange[] {
  if (!parts || parts.length === 0) return [{ step, versions: renderVersions({ fromVersion, toVersion }) }]
  return parts.map(({ extension, ...part }) => ({ name: extension, step: part.step, versions: renderVersions(part) }))
}
