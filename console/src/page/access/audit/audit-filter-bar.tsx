import DateRangePicker, { type DateRangePickerProps } from '@cloudscape-design/components/date-range-picker'
import Grid from '@cloudscape-design/components/grid'
import PropertyFilter from '@cloudscape-design/components/property-filter'
import type { AuditEntry } from '../../../../../src/protocol/api/audit-log.ts'
import { useTexts } from '../../../i18n/language.tsx'
import {
  type AuditFilterState,
  auditProperties,
  listAuditTokens,
  operatorOf,
  rangeUnits,
  readAuditTokens,
  readLast,
  readRange,
} from './audit-filter.ts'

/**
 * Filter by actor, action, resource, source and time. Suggests values of the current page and
 * accepts any other.
 */
export function AuditFilterBar({
  filter,
  entries,
  onChange,
}: {
  readonly filter: AuditFilterState
  readonly entries: readonly AuditEntry[]
  readonly onChange: (change: Partial<AuditFilterState>) => void
}) {
  const { access, data } = useTexts()
  const { audit } = access
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, s: 8 } }, { colspan: { default: 12, s: 4 } }]}>
      <PropertyFilter
        query={{ tokens: listAuditTokens(filter), operation: 'and' }}
        hideOperations
        disableFreeTextFiltering
        onChange={({ detail }) => onChange(readAuditTokens(detail.tokens))}
        filteringProperties={auditProperties.map((key) => ({
          key,
          propertyLabel: audit.property[key],
          groupValuesLabel: audit.group[key],
          operators: [operatorOf(key)],
          defaultOperator: operatorOf(key),
        }))}
        filteringOptions={auditProperties.flatMap((propertyKey) =>
          [...new Set(entries.flatMap((entry) => entry[propertyKey] ?? []))]
            .toSorted()
            .map((value) => ({ propertyKey, value })),
        )}
        filteringPlaceholder={audit.filter}
        filteringAriaLabel={audit.filter}
        i18nStrings={{ enteredTextLabel: audit.use, clearFiltersText: data.clearFilter }}
      />
      <RangePicker filter={filter} onChange={onChange} />
    </Grid>
  )
}

const lastChoices = ['1h', '1d', '7d', '30d'] as const

function RangePicker({
  filter,
  onChange,
}: {
  readonly filter: AuditFilterState
  readonly onChange: (change: Partial<AuditFilterState>) => void
}) {
  const { access } = useTexts()
  const { audit } = access
  return (
    <DateRangePicker
      value={valueOf(filter)}
      ariaLabel={audit.range}
      placeholder={audit.any}
      expandToViewport
      customRelativeRangeUnits={[...rangeUnits]}
      relativeOptions={lastChoices.map((key) => ({
        key,
        type: 'relative' as const,
        ...(readLast(key) ?? { amount: 1, unit: 'hour' as const }),
      }))}
      i18nStrings={{ formatRelativeRange: ({ amount, unit }) => renderRange(amount, unit, audit) }}
      isValidRange={(range) => check(range, audit)}
      onChange={({ detail }) => onChange(readRange(detail.value))}
    />
  )
}

function valueOf({ last, from, to }: AuditFilterState): DateRangePickerProps.Value | null {
  const relative = readLast(last)
  if (relative) return { type: 'relative', key: last, ...relative }
  return from !== '' && to !== '' ? { type: 'absolute', startDate: from, endDate: to } : null
}

interface RangeTexts {
  readonly last: Readonly<Record<(typeof lastChoices)[number], string>>
  readonly lastOther: (text: string) => string
  readonly rangeMissing: string
  readonly rangeBackwards: string
}

function renderRange(amount: number, unit: DateRangePickerProps.TimeUnit, { last, lastOther }: RangeTexts): string {
  const text = readRange({ type: 'relative', amount, unit }).last
  const choice = lastChoices.find((key) => key === text)
  return choice ? last[choice] : lastOther(text)
}

function check(
  range: DateRangePickerProps.Value | null,
  { rangeMissing, rangeBackwards }: RangeTexts,
): DateRangePickerProps.ValidationResult {
  if (range?.type !== 'absolute') return { valid: true }
  const [start, end] = [Date.parse(range.startDate), Date.parse(range.endDate)]
  if (Number.isNaN(start) || Number.isNaN(end)) return { valid: false, errorMessage: rangeMissing }
  return start < end ? { valid: true } : { valid: false, errorMessage: rangeBackwards }
}
