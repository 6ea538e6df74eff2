import Box from '@cloudscape-design/components/box'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useEffect, useRef } from 'react'
import { useTexts } from '../../../i18n/language.tsx'

/** Pagination of a list by position instead of page number. */
export function AuditPages({
  after,
  nextToken,
  onGo,
}: {
  /** Position of this page; empty: the beginning. */
  readonly after: string
  readonly nextToken: string | undefined
  readonly onGo: (place: string) => void
}) {
  const { access } = useTexts()
  const { audit } = access
  // Previous position by position. A page opened by its address knows only the beginning.
  const before = useRef(new Map<string, string>())
  useEffect(() => {
    if (nextToken !== undefined) before.current.set(nextToken, after)
  }, [after, nextToken])
  return (
    <Box textAlign="center">
      <nav aria-label={audit.pages}>
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <Button disabled={after === ''} onClick={() => onGo('')}>
            {audit.newest}
          </Button>
          <Button disabled={after === ''} iconName="angle-left" onClick={() => onGo(before.current.get(after) ?? '')}>
            {audit.newer}
          </Button>
          <Button
            disabled={nextToken === undefined}
            iconName="angle-right"
            iconAlign="right"
            onClick={() => nextToken !== undefined && onGo(nextToken)}
          >
            {audit.older}
          </Button>
        </SpaceBetween>
      </nav>
    </Box>
  )
}
