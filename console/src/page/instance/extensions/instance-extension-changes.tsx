import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { Action } from '../../../../../src/core/extension/extension.ts'
import type { InstanceExtensionView } from '../../../../../src/protocol/api/instances.ts'
import { useTexts } from '../../../i18n/language.tsx'
import type { WantedChange } from './instance-change.tsx'
import { listExtensionChanges } from './list-changes.ts'

/** What can be done with an extension here; not while something is being done: it would be planned on what is about to change. */
export function InstanceExtensionChanges({
  row,
  isAtWork,
  onWant,
}: {
  readonly row: InstanceExtensionView
  readonly isAtWork: boolean
  readonly onWant: (change: WantedChange) => void
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
        <Button
          // By place: what is installed now can be uninstalled next, and the focus stays where it was.
          key={changes.length - place}
          variant="inline-link"
          disabled={isAtWork}
          disabledReason={texts.atWork}
          ariaLabel={texts.actionOf(nameOf(action), row.extension)}
          onClick={() => onWant({ action, row })}
        >
          {nameOf(action)}
        </Button>
      ))}
    </SpaceBetween>
  )
}
