import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useTexts } from '../../../i18n/language.tsx'
import type { ReadTargets } from './read-targets.ts'
import { useTargetCount } from './use-target-count.ts'

/** `37 instances, 3 offline`, announced to screen readers when known. */
export function TargetCount({ read }: { readonly read: ReadTargets }) {
  const { targets } = useTexts().batch
  const total = useTargetCount(read)
  return (
    <span aria-live="polite">
      {total && (
        <>
          {targets.matches(total.count, total.isExact)}
          {total.count > 0 && total.offline !== undefined && (
            <>
              {' · '}
              <StatusIndicator type={total.offline === 0 ? 'success' : 'warning'}>
                {targets.offline(total.offline)}
              </StatusIndicator>
            </>
          )}
        </>
      )}
    </span>
  )
}
