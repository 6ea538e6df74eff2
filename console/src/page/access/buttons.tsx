import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'

/** Buttons in a row that wraps. */
export const Buttons = ({ children }: { readonly children: ReactNode }) => (
  <SpaceBetween direction="horizontal" size="xs">
    {children}
  </SpaceBetween>
)
