import type { FleetObjects } from '../../core/assignment/plan-fleet.ts'
import { type ValueScope, valueScopes } from '../../core/extension/declared-values.ts'
import type { ParameterValues } from '../../core/extension/extension.ts'
import type { DeclaredValuesView } from '../../protocol/api/assignment/values.ts'
import type { FleetFile, FleetFileInput } from '../../protocol/fleet-file.ts'

/** Values of one extension for one subject, as the plan names them: `EXTENSION group:web`. */
const nameOf = (extension: string, subject: string) => `${extension} ${subject}`

export function parseValuesName(name: string): {
  readonly extension: string
  readonly scope: ValueScope
  readonly subject: string
} {
  const [, extension = '', word = '', subject = ''] = /^([^ ]+) ([a-z]+):(.*)$/s.exec(name) ?? []
  const scope = valueScopes.find((known) => known === word)
  if (scope === undefined) throw new Error(`${name} names no values`)
  return { extension, scope, subject }
}

export const describeServerValues = (rows: readonly DeclaredValuesView[]): FleetObjects =>
  Object.fromEntries(
    rows.map(({ extension, scope, subject, values }) => [nameOf(extension, `${scope}:${subject}`), values]),
  )

/** No values are the same as no entry. */
const entriesOf = (values: NonNullable<FleetFile['values']>): [string, ParameterValues][] =>
  Object.entries(values).flatMap(([subject, extensions]) =>
    Object.entries(extensions)
      .filter(([, given]) => Object.keys(given).length > 0)
      .map(([extension, given]): [string, ParameterValues] => [nameOf(extension, subject), given]),
  )

export const describeFileValues = (values: NonNullable<FleetFile['values']>): FleetObjects =>
  Object.fromEntries(entriesOf(values))

export const findFileValues = ({ values = {} }: FleetFile, name: string): ParameterValues =>
  Object.fromEntries(entriesOf(values))[name] ?? {}

export function exportValues(rows: readonly DeclaredValuesView[]): NonNullable<FleetFileInput['values']> {
  const bySubject = Map.groupBy(rows, ({ scope, subject }) => `${scope}:${subject}`)
  return Object.fromEntries(
    [...bySubject].map(([subject, ofSubject]) => [
      subject,
      Object.fromEntries(ofSubject.map(({ extension, values }) => [extension, values])),
    ]),
  )
}
