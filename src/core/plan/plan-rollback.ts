import type { ExecutionId } from '../id.ts'
import type { InstalledState } from '../instance/instance.ts'
import { makeReason } from '../reason/reason.ts'
import { nameChanges, type PlannedTarget, placeValues, type WantedValues } from './plan.ts'

/** The state of an extension on an instance, as recorded when an execution changed it. */
export type StateOfChange = Pick<InstalledState, 'status' | 'version' | 'configurationId' | 'parametersDigest'>

/** How an execution changed one extension on one instance; undefined states: not installed. */
export interface RecordedChange {
  readonly before: StateOfChange | undefined
  /** After the latest change by the execution or by a rollback of it. */
  readonly after: StateOfChange | undefined
  /** Another execution that changed it later. */
  readonly changedBy?: ExecutionId | undefined
}

/** An extension on an instance that a rollback may return to its previous state. */
export interface RollbackTarget {
  /** Absent: the execution did not change it. */
  readonly change: RecordedChange | undefined
  readonly installed: InstalledState | undefined
  /** Whether the configuration that it had before still exists. */
  readonly isAvailable: boolean
  /** The values that it had before; absent if it was not installed. */
  readonly values: Pick<WantedValues, 'parametersDigest' | 'parameterSet' | 'changes'> | undefined
}

/**
 * Plans the return of one extension on one instance to the state before an execution. The state
 * that others caused since is never overwritten: such an instance is skipped with the reason. A
 * deprecated version is restored like any other.
 */
export function planRollback(target: RollbackTarget): Omit<PlannedTarget, 'instanceId'> {
  const { change, installed } = target
  const from = installed && { fromVersion: installed.version }
  if (!change || isRestored(change.before, installed))
    return { step: 'none', reasonCode: 'AlreadyAsWanted', reason: makeReason('NothingToRestore'), ...from }
  const reason = findForeignChange(change, installed)
  if (reason) return { step: 'skip', reasonCode: 'ChangedSince', reason, ...from }
  if (!change.before) return removeAgain(installed)
  return restore(change.before, target)
}

/** A state that was broken before counts as restored if the same content is installed now. */
function isRestored(before: StateOfChange | undefined, installed: InstalledState | undefined): boolean {
  if (!before || !installed) return !before && !installed
  return installed.status === 'installed' && hasSameContent(before, installed)
}

const hasSameContent = (one: StateOfChange, other: StateOfChange) =>
  one.version === other.version &&
  one.configurationId === other.configurationId &&
  one.parametersDigest === other.parametersDigest

function findForeignChange({ after, changedBy: executionId }: RecordedChange, installed: InstalledState | undefined) {
  if (executionId !== undefined) return makeReason('ChangedByExecution', { executionId })
  const isSame =
    after && installed ? after.status === installed.status && hasSameContent(after, installed) : !after && !installed
  if (isSame) return undefined
  return makeReason('StateDiffers', { expected: after?.version ?? 0, found: installed?.version ?? 0 })
}

function removeAgain(installed: InstalledState | undefined): Omit<PlannedTarget, 'instanceId'> {
  if (!installed) throw new Error('an extension that is not installed is as before')
  const { version, configurationId } = installed
  const reason = makeReason('RestoresAbsence', { version })
  return { step: 'uninstall', reasonCode: 'Planned', reason, fromVersion: version, configurationId }
}

function restore(
  { version, configurationId }: StateOfChange,
  { installed, isAvailable, values }: RollbackTarget,
): Omit<PlannedTarget, 'instanceId'> {
  const from = installed && { fromVersion: installed.version }
  if (!isAvailable || !values)
    return { step: 'skip', reasonCode: 'NoConfiguration', reason: makeReason('VersionDeleted', { version }), ...from }
  return {
    // What a change left incomplete is installed over, not updated.
    step: installed?.status === 'installed' ? 'update' : 'install',
    reasonCode: 'Planned',
    reason: [...makeReason('RestoresVersion', { version }), ...nameChanges(values.changes)],
    ...from,
    toVersion: version,
    configurationId,
    ...placeValues(values),
  }
}
