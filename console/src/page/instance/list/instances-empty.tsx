import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { PermittedButton } from '../../../app/permitted-button.tsx'
import { useTexts } from '../../../i18n/language.tsx'

/** Empty state and what to do next. */
export function InstancesEmpty({
  isFiltered,
  onClear,
  onEnrol,
}: {
  readonly isFiltered: boolean
  readonly onClear: () => void
  readonly onEnrol: () => void
}) {
  const { data, instances } = useTexts()
  return (
    <Box textAlign="center" padding={{ vertical: 'm' }}>
      <SpaceBetween size="xs">
        <b>{isFiltered ? data.noMatch : instances.empty}</b>
        {!isFiltered && <Box color="text-body-secondary">{instances.emptyDetail}</Box>}
        {isFiltered ? (
          <Button onClick={onClear}>{data.clearFilter}</Button>
        ) : (
          <PermittedButton
            permission={{ action: 'chandler:CreateJoinToken', resource: 'join-token/*' }}
            onClick={onEnrol}
          >
            {instances.enrol}
          </PermittedButton>
        )}
      </SpaceBetween>
    </Box>
  )
}
