import { type Action, parseVersion } from '../../../../../src/core/extension/extension.ts'
import type { InstanceExtensionView } from '../../../../../src/protocol/api/instances.ts'

const numberOf = (label: string | undefined) => parseVersion(label ?? '') ?? 0

/**
 * Available actions for an extension on an instance. Installed extensions can always be removed,
 * whatever the scope. A lower version is not an update: it is the latest if the installed one was
 * deprecated.
 */
export function listExtensionChanges({ state, fits, newest, installed }: InstanceExtensionView): readonly Action[] {
  if (state === 'absent') return fits ? ['install'] : []
  if (state === 'broken') return fits ? ['install', 'uninstall'] : ['uninstall']
  return fits && numberOf(newest) > numberOf(installed?.version) ? ['update', 'uninstall'] : ['uninstall']
}
