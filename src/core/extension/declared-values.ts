import type { ParameterDeclaration, ParameterValue, ParameterValues } from './extension.ts'
import { findValueFault } from './parameter.ts'
import { isSecretReference } from './secret-reference.ts'
import type { ValueFault } from './value-fault.ts'

/** What values are declared for, the weakest first. */
export const valueScopes = ['group', 'tag', 'instance'] as const
export type ValueScope = (typeof valueScopes)[number]

/** Values of one extension that a user declared for a group, a tag or an instance. */
export interface DeclaredValues {
  readonly scope: ValueScope
  /** Name of the group, `KEY=VALUE` of the tag, or id of the instance. */
  readonly subject: string
  readonly values: ParameterValues
}

/** Where a declared value comes from. */
export interface ValueSource {
  readonly scope: ValueScope
  /** Empty for an instance. */
  readonly subject: string
}

/** The value that counts for one parameter, or why none does. */
export type DeclaredChoice =
  | { readonly value: ParameterValue; readonly source: ValueSource }
  /** Subjects of one scope that declare different values. */
  | { readonly contradicts: readonly ValueSource[] }

/** Why a declared value cannot be used. */
export type DeclaredRefusal = { readonly parameter: string } & (
  | { readonly kind: 'contradicts'; readonly sources: readonly ValueSource[] }
  | { readonly kind: 'unfit'; readonly source: ValueSource; readonly fault: ValueFault }
  /** The parameter is secret, and declared values are visible. */
  | { readonly kind: 'secret'; readonly source: ValueSource }
)

/**
 * The value of one parameter among those that apply to an instance and have one of the scopes: the
 * scope that is more specific counts. Equal values of one scope do not contradict each other.
 * @param declared those that apply to the instance
 */
export function chooseDeclared(
  declared: readonly DeclaredValues[],
  name: string,
  scopes: readonly ValueScope[],
): DeclaredChoice | undefined {
  for (const scope of valueScopes.toReversed()) {
    if (!scopes.includes(scope)) continue
    const found = declared.filter((one) => one.scope === scope && Object.hasOwn(one.values, name))
    const [first, ...others] = found
    const value = first?.values[name]
    if (!first || value === undefined) continue
    const sources = found.map(sourceOf).toSorted((a, b) => (a.subject < b.subject ? -1 : 1))
    if (others.some(({ values }) => values[name] !== value)) return { contradicts: sources }
    return { value, source: sources[0] ?? sourceOf(first) }
  }
  return undefined
}

const sourceOf = ({ scope, subject }: DeclaredValues): ValueSource => ({
  scope,
  subject: scope === 'instance' ? '' : subject,
})

/** Why a version cannot use a choice; undefined if it can. */
export function findDeclaredRefusal(
  parameter: string,
  declaration: ParameterDeclaration,
  choice: DeclaredChoice,
): DeclaredRefusal | undefined {
  if ('contradicts' in choice) return { kind: 'contradicts', parameter, sources: choice.contradicts }
  const { value, source } = choice
  if (declaration.noEcho && !isSecretReference(value)) return { kind: 'secret', parameter, source }
  const fault = findValueFault(declaration, value)
  return fault && { kind: 'unfit', parameter, source, fault }
}

/** `group web`, `tag env=prod` or `the instance`, as messages name them. */
export const showSource = ({ scope, subject }: ValueSource): string =>
  scope === 'instance' ? 'the instance' : `${scope} ${subject}`
