import ExpandableSection from '@cloudscape-design/components/expandable-section'
import { type ReactNode, useState } from 'react'
import { useWizardForm } from './wizard-context.ts'

/** Rarely needed fields: collapsed until opened, or until they contain a problem. */
export function FoldedSection({
  title,
  places,
  startsOpen,
  children,
}: {
  readonly title: string
  /** Places inside the section (see place-problems.ts). */
  readonly places: readonly string[]
  readonly startsOpen: boolean
  readonly children: ReactNode
}) {
  const { isWrongIn } = useWizardForm()
  const [isOpen, setIsOpen] = useState(startsOpen)
  // Stays open after the problem is fixed, so that fields do not disappear while the user types.
  if (!isOpen && places.some(isWrongIn)) setIsOpen(true)
  return (
    <ExpandableSection headerText={title} expanded={isOpen} onChange={({ detail }) => setIsOpen(detail.expanded)}>
      {children}
    </ExpandableSection>
  )
}
