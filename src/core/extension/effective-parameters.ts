import {
  chooseDeclared,
  type DeclaredChoice,
  type DeclaredRefusal,
  type DeclaredValues,
  findDeclaredRefusal,
  type ValueSource,
} from './declared-values.ts'
import type { Action, ParameterDeclarations, ParameterValue, ParameterValues } from './extension.ts'
import { findValueFault, isHidden, parametersOf } from './parameter.ts'
import type { ValueFault } from './value-fault.ts'

/** The installed values of an extension on an instance, separated into visible and secret ones. */
export interface InstalledValues {
  readonly open: ParameterValues
  readonly secret: ParameterValues
}

/** How the value of one parameter changes. */
export interface ParameterChange {
  readonly name: string
  /** Absent: it had no value. */
  readonly from?: ParameterValue
  /** Absent: it will have none. */
  readonly to?: ParameterValue
  /** Neither value is included: only the fact that it changes may be shown. */
  readonly secret?: true
}

/** The values of an action, with the differences from the installed ones. */
export interface EffectiveParameters extends InstalledValues {
  readonly values: ParameterValues
  /** Compared with the installed values; empty if nothing is installed. */
  readonly changes: readonly ParameterChange[]
  /** Parameters without any value. */
  readonly missing: readonly string[]
  /** Installed values that cannot be kept. */
  readonly unfit: readonly UnfitValue[]
  /** Values that were declared for a group, a tag or the instance, and count. */
  readonly declared: readonly DeclaredUse[]
  /** Declared values that would count and cannot be used. */
  readonly refused: readonly DeclaredRefusal[]
}

/** A parameter whose value was declared. */
export interface DeclaredUse {
  readonly parameter: string
  readonly source: ValueSource
}

/** An installed value that the version refuses. */
export interface UnfitValue {
  readonly parameter: string
  readonly fault: ValueFault
}

/**
 * The effective values of an action on one instance (design §6). The first of these that has a value
 * counts:
 *
 *   1. the value given to the execution, schedule or assignment
 *   2. the value declared for the instance
 *   3. the installed value, unless installed values are reset
 *   4. the value declared for a tag of the instance
 *   5. the value declared for a group that contains the instance
 *   6. the default of the version
 *
 * `given` has passed `validateParameters`. A declared value that contradicts another one of the same
 * rank, or that the version refuses, is a refusal if it would count. An installed value is also kept
 * if the action does not take its parameter, because other actions and scripts use it; values that
 * the version no longer declares are dropped.
 * @param declared those that apply to the instance
 */
export function resolveParameters(
  declarations: ParameterDeclarations,
  action: Action,
  given: ParameterValues,
  {
    installed,
    reset,
    declared = [],
  }: {
    readonly installed: InstalledValues | undefined
    readonly reset: boolean
    readonly declared?: readonly DeclaredValues[]
  },
): EffectiveParameters {
  const had = { ...installed?.open, ...installed?.secret }
  const taken = parametersOf(declarations, action)
  const open: [string, ParameterValue][] = []
  const secret: [string, ParameterValue][] = []
  const missing: string[] = []
  const unfit: UnfitValue[] = []
  const uses: DeclaredUse[] = []
  const refused: DeclaredRefusal[] = []
  // A secret value remains secret, whatever the version declares now: the user gave it as a secret.
  const wasSecret = (name: string) => installed !== undefined && Object.hasOwn(installed.secret, name)
  for (const [name, declaration] of Object.entries(declarations)) {
    const choose = (...scopes: Parameters<typeof chooseDeclared>[2]) =>
      taken.has(name) && !Object.hasOwn(given, name) ? chooseDeclared(declared, name, scopes) : undefined
    const ofInstance = choose('instance')
    const isKept = !reset && !Object.hasOwn(given, name) && ofInstance === undefined && Object.hasOwn(had, name)
    const fault = isKept
      ? findValueFault({ ...declaration, ...(wasSecret(name) && { noEcho: true }) }, had[name])
      : undefined
    const choice: DeclaredChoice | undefined = ofInstance ?? (isKept ? undefined : choose('group', 'tag'))
    const refusal = choice && findDeclaredRefusal(name, declaration, choice)
    if (refusal) {
      refused.push(refusal)
      continue
    }
    if (choice && 'source' in choice) uses.push({ parameter: name, source: choice.source })
    const chosen = choice && 'value' in choice ? choice.value : undefined
    const value =
      isKept && fault === undefined
        ? had[name]
        : (own(given, name) ?? chosen ?? (taken.has(name) ? declaration.default : undefined))
    if (fault !== undefined && taken.has(name)) unfit.push({ parameter: name, fault })
    else if (value !== undefined)
      (isHidden(declarations, name, value) || (isKept && wasSecret(name)) ? secret : open).push([name, value])
    else if (taken.has(name)) missing.push(name)
  }
  const parts = { open: Object.fromEntries(open), secret: Object.fromEntries(secret) }
  const values = { ...parts.open, ...parts.secret }
  const isSecret = (name: string) => wasSecret(name) || Object.hasOwn(parts.secret, name)
  const changes = installed === undefined ? [] : listChanges(had, values, isSecret)
  return { ...parts, values, changes, missing, unfit, declared: uses, refused }
}

const own = (values: ParameterValues, name: string) => (Object.hasOwn(values, name) ? values[name] : undefined)

/** The differences between two sets of values; secret ones only by name. */
export function listChanges(
  before: ParameterValues,
  after: ParameterValues,
  isSecret: (name: string) => boolean,
): ParameterChange[] {
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])]
  return names.flatMap((name): ParameterChange[] => {
    const [from, to] = [own(before, name), own(after, name)]
    if (from === to) return []
    if (isSecret(name)) return [{ name, secret: true }]
    return [
      {
        name,
        ...(from === undefined ? {} : { from: clipValue(from) }),
        ...(to === undefined ? {} : { to: clipValue(to) }),
      },
    ]
  })
}

/**
 * Long values are truncated: a plan repeats changes for every target, and the audit log stores
 * them.
 */
export const clipValue = (value: ParameterValue): ParameterValue =>
  typeof value === 'string' && value.length > maxChangeLength ? `${value.slice(0, maxChangeLength)}…` : value

const maxChangeLength = 256

/** Changes as a reason names them. */
export const showChanges = (changes: readonly ParameterChange[]): ShownChange[] =>
  changes.map(({ name, from, to, secret }) =>
    secret
      ? { name, secret }
      : { name, ...(from !== undefined && { from: showValue(from) }), ...(to !== undefined && { to: showValue(to) }) },
  )

const maxShownLength = 60

function showValue(value: ParameterValue): string {
  const text = JSON.stringify(value)
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text
}

/** A change as a reason names it: the values as JSON, truncated; absent: none. */
export interface ShownChange {
  readonly name: string
  readonly from?: string
  readonly to?: string
  readonly secret?: true
}
