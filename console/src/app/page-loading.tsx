import Box from '@cloudscape-design/components/box'
import Spinner from '@cloudscape-design/components/spinner'
import { useTexts } from '../i18n/language.tsx'

/** Placeholder while a page loads. */
export function PageLoading() {
  const { shell } = useTexts()
  return (
    <Box textAlign="center" padding="xxl" color="text-body-secondary">
      <span role="status">
        <Spinner /> {shell.loading}
      </span>
    </Box>
  )
}
