import Box from '@cloudscape-design/components/box'
import type { PlanView } from '../../../../src/protocol/api/plan/plans.ts'
import { useTexts } from '../../i18n/language.tsx'

type Values = PlanView['parameters']
type Changes = NonNullable<PlanView['targets'][number]['parameterChanges']>

/**
 * Effective parameter values by extension; the server masks secrets. Values set in the request are
 * marked; the others are defaults or kept values.
 */
export function ParameterValueList({ values }: { readonly values: Values | undefined }) {
  const { data } = useTexts()
  const shown = (values ?? []).filter((one) => Object.keys(one.values).length > 0)
  if (shown.length === 0) return data.none
  return shown.map(({ extension, values: ofOne, given }) => (
    <div key={extension ?? ''}>
      {shown.length > 1 && <Box variant="awsui-key-label">{extension}</Box>}
      <ValueLines values={ofOne} given={given} />
    </div>
  ))
}

export function ValueLines({
  values,
  given = [],
}: {
  readonly values: Values[number]['values']
  readonly given?: readonly string[]
}) {
  const { parameters } = useTexts().data
  return Object.entries(values).map(([name, value]) => (
    <div key={name}>
      {name}: <Box variant="code">{clip(String(value))}</Box>
      {given.includes(name) && (
        <Box variant="small" display="inline">
          {' '}
          {parameters.given}
        </Box>
      )}
    </div>
  ))
}

/** Current value → planned value. */
export function ParameterChanges({ changes }: { readonly changes: Changes | undefined }) {
  const { data } = useTexts()
  const show = (value: Changes[number]['from']) => (value === undefined ? data.none : clip(String(value)))
  return (changes ?? []).map(({ name, from, to, secret }) => (
    <Box key={name} variant="small" display="block">
      {name}: {secret ? data.parameters.changed : `${show(from)} → ${show(to)}`}
    </Box>
  ))
}

const maxLength = 120
const clip = (text: string) => (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text)
