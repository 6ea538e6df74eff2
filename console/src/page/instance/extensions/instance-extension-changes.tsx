import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Action } from '../../../../../src/core/extension/extension.ts'
import type { InstanceExtensionView } from '../../../../../src/protocol/api/instances.ts'
import { starting } from '../../../app/operation/start-permissions.ts'
import { PermittedButton } from '../../../app/permitted-button.tsx'
import { useTexts } from '../../../i18n/language.tsx'
import type { RequestedChange } from './instance-change.tsx'
import { listExtensionChanges } from './list-changes.ts'

/**
 * Available actions for an extension. None during a change: the plan would be based on an outdated
 * state.
 */
export function InstanceExtensionChanges({
  instanceId,
  row,
  isAtWork,
  onRequest,
}: {
  readonly instanceId: string
  readonly row: InstanceExtensionView
  readonly isAtWork: boolean
  readonly onRequest: (change: RequestedChange) => void
}) {
  const { data, instances } = useTexts()
  const { extensions: texts } = instances
  const changes = listExtensionChanges(row)
  const nameOf = (action: Action) =>
    row.state === 'broken' && action === 'install' ? texts.again : texts.action[action]
  if (changes.length === 0) return data.none
  return (
    <SpaceBetween direction="horizontal" size="s">
      {changes.map((action, place) => (
        <PermittedButton
          // Keyed by position: after install, the uninstall button keeps the focus.
          key={changes.length - place}
          permission={starting(row.extension, [instanceId])}
          variant="inline-link"
          disabled={isAtWork}
          disabledReason={texts.atWork}
          ariaLabel={texts.actionOf(nameOf(action), row.extension)}
          onClick={() => onRequest({ action, row })}
        >
          {nameOf(action)}
        </PermittedButton>
      ))}
    </SpaceBetween>
  )
}
