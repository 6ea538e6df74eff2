import { type Action, parseVersion } from '../../../../../src/core/extension/extension.ts'
import type { InstanceExtensionView } from '../../../../../src/protocol/api/instances.ts'

const numberOf = (label: string | undefined) => parseVersion(label ?? '') ?? 0

/**
 * What can be done with an extension on an instance. What is there can always be removed, whatever the scope says now. An older version is no
 * update: it is the newest where the one that is there was deprecated.
 */
export function listExtensionChanges({ state, fits, newest, installed }: InstanceExtensionView): readonly Action[] {
  if (state === 'absent') return fits ? ['install'] : []
  if (state === 'broken') return fits ? ['install', 'uninstall'] : ['uninstall']
  return fits && numberOf(newest) > numberOf(installed?.version) ? ['update', 'uninstall'] : ['uninstall']
}
