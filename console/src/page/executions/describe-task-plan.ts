import type { ExecutionView, TaskView } from '../../../../src/protocol/api/executions.ts'
import { renderVersions } from '../instance/extensions/render-versions.ts'

/** Planned change of one extension. */
export interface PlannedChange {
  readonly name: string
  readonly step: TaskView['step']
  /** For example `v1 → v2`. */
  readonly versions: string
}

/**
 * Planned changes of a task by extension; empty for commands and OS packages, which the operation
 * names.
 */
export function describeTaskPlan(
  operation: ExecutionView['operation'],
  { step, parts = [], ...versions }: Pick<TaskView, 'step' | 'fromVersion' | 'toVersion' | 'parts'>,
): PlannedChange[] {
  switch (operation.kind) {
    case 'extension':
      return [{ name: operation.extension, step, versions: renderVersions(versions) }]
    case 'extensions':
      return parts.map((part) => ({ name: part.extension, step: part.step, versions: renderVersions(part) }))
    case 'command':
    case 'osPackage':
      return []
  }
}
