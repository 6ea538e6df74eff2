import ExpandableSection from '@cloudscape-design/components/expandable-section'
import { type ReactNode, useState } from 'react'
import { useWizardForm } from './wizard-context.ts'

/** What is seldom needed: out of the way until it is opened, or something is wrong in it. */
export function FoldedSection({
  title,
  places,
  startsOpen,
  children,
}: {
  readonly title: string
  /** What stands in it (see place-problems.ts). */
  readonly places: readonly string[]
  readonly startsOpen: boolean
  readonly children: ReactNode
}) {
  const { isWrongIn } = useWizardForm()
  const [isOpen, setIsOpen] = useState(startsOpen)
  // It stays open when that has been mended: nothing disappears under somebody's fingers.
  if (!isOpen && places.some(isWrongIn)) setIsOpen(true)
  return (
    <ExpandableSection headerText={title} expanded={isOpen} onChange={({ detail }) => setIsOpen(detail.expanded)}>
      {children}
    </ExpandableSection>
  )
}
