import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'
import { useTexts } from '../../../i18n/language.tsx'
import { ConditionsField } from '../../instances/conditions-field.tsx'
import { readFilterTokens } from './filter-tokens.ts'
import { type ChangeInstances, firstPage } from './instances-state.ts'
import type { Instances } from './use-instances.ts'

/** Free text search and conditions, with values suggested by the server. */
export function InstancesFilter({
  instances: { tokens, problem, total },
  change,
}: {
  readonly instances: Instances
  readonly change: ChangeInstances
}) {
  const { data, instances } = useTexts()
  const { filter } = instances
  /** Error of the last input. */
  const [wrong, setWrong] = useState<string>()
  const apply = (found: ReturnType<typeof readFilterTokens>) => {
    setWrong('problem' in found ? found.problem : undefined)
    if ('filter' in found) change({ filter: found.filter, q: found.search, status: '', ...firstPage })
  }
  return (
    <SpaceBetween size="xs">
      <ConditionsField
        tokens={tokens}
        isFreeText
        countText={total?.isExact ? data.matches(total.count) : ''}
        onChange={(next) => apply(readFilterTokens(next))}
      />
      {(wrong ?? problem) !== undefined && (
        <Alert
          type="warning"
          header={filter.wrong}
          {...(problem !== undefined && {
            action: <Button onClick={() => apply({ filter: '', search: '' })}>{data.clearFilter}</Button>,
          })}
        >
          {wrong ?? problem}
        </Alert>
      )}
    </SpaceBetween>
  )
}
