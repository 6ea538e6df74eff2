import Badge from '@cloudscape-design/components/badge'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'
import { useTexts } from '../../../i18n/language.tsx'

/** A name with a "Built in" badge: the resource cannot be changed. */
export function BuiltIn({ isBuiltIn, children }: { readonly isBuiltIn: boolean; readonly children: ReactNode }) {
  const { access } = useTexts()
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {children}
      {isBuiltIn && <Badge>{access.builtIn}</Badge>}
    </SpaceBetween>
  )
}
