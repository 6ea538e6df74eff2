import { showVersion } from '../../../core/extension/extension.ts'
import type { AssignmentView } from '../../../protocol/api/assignment/assignments.ts'
import type { AssignmentRecord } from '../../app/assignment/assignments.ts'
import { presentReason } from './present-reason.ts'

export function presentAssignment({
  row,
  secretNames,
  lastExecution,
  contradictions,
}: AssignmentRecord): AssignmentView {
  const { version, window, resolvedVersion, haltedAt, haltReason, failure, outcome, evaluatedAt } = row
  return {
    name: row.name,
    description: row.description,
    group: row.group,
    extension: row.extension,
    ...(version === null ? {} : { version }),
    // A halted assignment is not evaluated: what it means now is not known.
    ...(version === null || resolvedVersion === null || haltedAt !== null
      ? {}
      : { resolvedVersion: showVersion(resolvedVersion) }),
    parameters: row.parameters,
    secretParameters: [...secretNames],
    rateControl: row.rateControl as AssignmentView['rateControl'],
    ...(window === null ? {} : { window }),
    priority: row.priority,
    repair: row.repair,
    state: haltedAt ? 'halted' : failure ? 'blocked' : 'active',
    ...(haltedAt ? { halt: { at: haltedAt.toISOString(), ...presentReason(haltReason ?? []) } } : {}),
    ...(failure ? { failure: { code: failure.code, message: failure.message } } : {}),
    ...(outcome ? { outcome: { ...outcome, drifted: outcome.drifted ?? 0, leftOut: { ...outcome.leftOut } } } : {}),
    ...(evaluatedAt ? { evaluatedAt: evaluatedAt.toISOString() } : {}),
    ...(lastExecution === undefined ? {} : { lastExecutionId: lastExecution }),
    contradictions: contradictions.map((one) => ({ ...one })),
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    updatedBy: row.updatedBy,
    updatedAt: row.updatedAt.toISOString(),
  }
}
