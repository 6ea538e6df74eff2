import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useTexts } from '../../i18n/language.tsx'
import './extensions.css'

/** Every extension here is custom: explains public extensions and the alternative. */
export function NoPublicExtensions() {
  const { publicTab: texts, create } = useTexts().extensions
  return (
    <Box textAlign="center" padding={{ vertical: 'l' }}>
      <SpaceBetween size="xs" alignItems="center">
        <b>{texts.none}</b>
        <div className="extensions-prose">
          <Box color="text-body-secondary">{texts.detail}</Box>
        </div>
        <Button href="/extensions/create">{create}</Button>
      </SpaceBetween>
    </Box>
  )
}
