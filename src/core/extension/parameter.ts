import { countUtf8Bytes } from '../count-utf8-bytes.ts'
import { maxParameters, maxParameterValueBytes } from '../limits.ts'
import { findStoreReference } from '../template/store-reference.ts'
import type {
  Action,
  ParameterDeclaration,
  ParameterDeclarations,
  ParameterType,
  ParameterValue,
  ParameterValues,
} from './extension.ts'
import { isParameterName, renderParameterVariable } from './parameter-name.ts'
import { matchPattern, validatePattern } from './pattern.ts'
import { isSecretReference } from './secret-reference.ts'
import { renderValueFault, type ValueFault } from './value-fault.ts'

/** The types of declared parameters, by name. */
export const listParameterTypes = (declarations: ParameterDeclarations): Record<string, ParameterType> =>
  Object.fromEntries(Object.entries(declarations).map(([name, { type }]) => [name, type]))

/** One problem of the declarations. */
export interface DeclarationProblem {
  readonly name: string
  /** The field of the declaration; absent: the name itself, or the whole declaration. */
  readonly field?: keyof ParameterDeclaration
  readonly message: string
}

/** One problem of the given values, with its error code. */
export interface ParameterProblem {
  readonly name: string
  readonly code: 'ParameterInvalid' | 'ParameterMissing' | 'ParameterUnknown'
  /** To follow "parameter NAME"; never contains a noEcho value or its length. */
  readonly message: string
  /** The same as a code with arguments, for `ParameterInvalid`. */
  readonly fault?: ValueFault
}

/** The effective values, or all problems. */
export type ParameterValidation =
  | { readonly values: ParameterValues }
  | { readonly problems: readonly ParameterProblem[] }

const defaultActions: readonly Action[] = ['install', 'update']

/**
 * The problems of declarations (design §4, §11): invalid names, or names that become the same
 * variable; too many; limits of another type or in the wrong order; malformed patterns; defaults
 * and allowed values that violate the limits; and secrets that the declaration itself would show.
 */
export function validateDeclarations(declarations: ParameterDeclarations): DeclarationProblem[] {
  const entries = Object.entries(declarations)
  const problems: DeclarationProblem[] = []
  if (entries.length > maxParameters) {
    problems.push({
      name: entries[maxParameters]?.[0] ?? '',
      message: `is one of ${entries.length} parameters; ${maxParameters} are allowed`,
    })
  }
  const names = new Map<string, string>()
  for (const [name, declaration] of entries) {
    const variable = renderParameterVariable(name).toUpperCase()
    const other = names.get(variable)
    if (!isParameterName(name)) {
      problems.push({ name, message: 'is not a name: letters, digits, _ and - are, not beginning with -, at most 128' })
    } else if (other !== undefined) {
      problems.push({ name, message: describeClash(name, other) })
    }
    names.set(variable, name)
    problems.push(...validateDeclaration(declaration).map((problem) => ({ name, ...problem })))
  }
  return problems
}

const describeClash = (name: string, other: string) =>
  name.toUpperCase() === other.toUpperCase()
    ? `differs from ${other} in case only; on Windows both would be the same variable, and in a script {{ ${name} }} is both`
    : `would be the same environment variable as ${other}, ${renderParameterVariable(name)}`

/**
 * The effective values of an action with defaults, or all problems of the given values (design §4).
 * A declaration without `actions` belongs to install and update; a value for an action that does
 * not take it is unknown.
 */
export function validateParameters(
  declarations: ParameterDeclarations,
  action: Action,
  given: Readonly<Record<string, unknown>>,
): ParameterValidation {
  const taken = parametersOf(declarations, action)
  const declared = Object.entries(declarations).filter(([name]) => taken.has(name))
  const names = [...taken]
  const problems: ParameterProblem[] = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => ({ name, code: 'ParameterUnknown', message: renderUnknown(declarations, action, name, names) }))
  const values: [string, ParameterValue][] = []
  for (const [name, declaration] of declared) {
    const value = Object.hasOwn(given, name) ? given[name] : declaration.default
    const fault = value === undefined ? undefined : findValueFault(declaration, value)
    if (value === undefined) problems.push({ name, code: 'ParameterMissing', message: 'is missing and has no default' })
    else if (fault !== undefined)
      problems.push({ name, code: 'ParameterInvalid', message: renderValueFault(fault), fault })
    else values.push([name, value as ParameterValue])
  }
  return problems.length > 0 ? { problems } : { values: Object.fromEntries(values) }
}

/** The names of the parameters that an action takes. */
export const parametersOf = (declarations: ParameterDeclarations, action: Action): ReadonlySet<string> =>
  new Set(
    Object.entries(declarations).flatMap(([name, { actions = defaultActions }]) =>
      actions.includes(action) ? [name] : [],
    ),
  )

/**
 * Converts text, as the CLI gets it, to a value (`8080` for a Number, `true` for a Boolean), or
 * explains why it cannot. Undeclared: String.
 */
export function coerceParameter(
  declaration: ParameterDeclaration | undefined,
  text: string,
): { readonly value: ParameterValue } | { readonly problem: string } {
  const shown = declaration?.noEcho ? 'the value' : clip(JSON.stringify(text))
  switch (declaration?.type) {
    case undefined:
    case 'String':
      return { value: text }
    case 'Boolean':
      return text === 'true' || text === 'false'
        ? { value: text === 'true' }
        : { problem: `must be true or false; ${shown} is neither` }
    case 'Number': {
      const value = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text) ? Number(text) : Number.NaN
      if (!Number.isFinite(value)) return { problem: `must be a number; ${shown} is none` }
      if (Number.isInteger(value) && !Number.isSafeInteger(value))
        return { problem: `must be a number that can be kept exactly; ${shown} cannot` }
      return { value: value === 0 ? 0 : value }
    }
  }
}

/**
 * Separates visible values from secret ones (noEcho). A value without a declaration counts as
 * secret.
 */
export function splitSecrets(
  declarations: ParameterDeclarations,
  values: ParameterValues,
): { readonly open: ParameterValues; readonly secret: ParameterValues } {
  const entries = Object.entries(values)
  return {
    open: Object.fromEntries(entries.filter(([name, value]) => !isHidden(declarations, name, value))),
    secret: Object.fromEntries(entries.filter(([name, value]) => isHidden(declarations, name, value))),
  }
}

/** Shown instead of a secret, whatever its type and length. */
export const maskedValue = '******'

/** Values that may be shown and logged: secret and undeclared ones are masked. */
export function maskParameters(declarations: ParameterDeclarations, values: ParameterValues): ParameterValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isHidden(declarations, name, value) ? maskedValue : value]),
  )
}

/**
 * The same text for equal values in any order, and a different one for different values: the input
 * of InstalledState's digest. JSON, keys in code unit order.
 */
export function canonicalParameters(values: ParameterValues): string {
  const fields = Object.entries(values)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  return `{${fields.join(',')}}`
}

/** An undeclared value counts as secret. */
const isSecretParameter = (declarations: ParameterDeclarations, name: string) =>
  !Object.hasOwn(declarations, name) || declarations[name]?.noEcho === true

/** A reference to a secret may be shown. */
export const isHidden = (declarations: ParameterDeclarations, name: string, value: ParameterValue): boolean =>
  isSecretParameter(declarations, name) && !isSecretReference(value)

const fieldsOfType = { String: ['pattern', 'minLength', 'maxLength'], Number: ['min', 'max'], Boolean: [] } as const
const typedFields = ['pattern', 'minLength', 'maxLength', 'min', 'max'] as const

function validateDeclaration(declaration: ParameterDeclaration): Omit<DeclarationProblem, 'name'>[] {
  const { type, min, max, minLength, maxLength, pattern, allowedValues, noEcho } = declaration
  const allowedFields: readonly string[] = fieldsOfType[type]
  const problems: Omit<DeclarationProblem, 'name'>[] = typedFields
    .filter((field) => declaration[field] !== undefined && !allowedFields.includes(field))
    .map((field) => ({ field, message: `is not possible for a ${type}` }))
  const say = (field: keyof ParameterDeclaration, message: string) => problems.push({ field, message })

  for (const field of ['min', 'max'] as const) {
    if (declaration[field] !== undefined && !Number.isFinite(declaration[field])) say(field, 'is not a number')
  }
  if (min !== undefined && max !== undefined && min > max) say('min', `is ${min}, which is above max ${max}`)
  for (const field of ['minLength', 'maxLength'] as const) {
    const length = declaration[field]
    if (length !== undefined && !(Number.isInteger(length) && length >= 0 && length <= maxParameterValueBytes)) {
      say(field, `is not a whole number from 0 to ${maxParameterValueBytes}`)
    }
  }
  if (minLength !== undefined && maxLength !== undefined && minLength > maxLength)
    say('minLength', `is ${minLength}, which is above maxLength ${maxLength}`)
  const patternProblem = pattern === undefined ? undefined : validatePattern(pattern)
  if (patternProblem !== undefined) say('pattern', patternProblem)
  // Values are checked only against valid limits.
  if (problems.length > 0) return problems

  if (allowedValues?.length === 0) say('allowedValues', 'is empty, so no value would do')
  const { allowedValues: _, ...withoutChoice } = declaration
  for (const value of allowedValues ?? []) {
    const fault = findValueFault(withoutChoice, value)
    if (fault !== undefined)
      say('allowedValues', `holds ${clip(JSON.stringify(value))}, which ${renderValueFault(fault)}`)
  }
  const fault = declaration.default === undefined ? undefined : findValueFault(declaration, declaration.default)
  if (fault !== undefined) say('default', renderValueFault(fault))
  if (noEcho && allowedValues)
    say('allowedValues', 'would show the values of a secret to everyone who sees the extension')
  if (noEcho && declaration.default !== undefined && declaration.default !== '') {
    say('default', 'would show a secret to everyone who sees the extension; leave it out, or make it empty')
  }
  return problems
}

/** Why a value is invalid; undefined if it is valid. The value is in the fault unless it is a secret. */
export function findValueFault(declaration: ParameterDeclaration, value: unknown): ValueFault | undefined {
  // The limits are those of the secret itself.
  if (declaration.type === 'String' && isSecretReference(value))
    return declaration.noEcho ? undefined : { code: 'ValueReferencesSecret', arguments: {} }
  const fault = findFault(declaration, value) ?? findUnlisted(declaration, value)
  if (fault === undefined || declaration.noEcho) return fault
  const shown = clip(JSON.stringify(value) ?? String(value))
  return { ...fault, arguments: { ...fault.arguments, value: shown } } as ValueFault
}

function findUnlisted({ allowedValues, noEcho }: ParameterDeclaration, value: unknown): ValueFault | undefined {
  if (!allowedValues || allowedValues.some((allowed) => allowed === value)) return undefined
  const allowed = clip(allowedValues.map((one) => JSON.stringify(one)).join(', '))
  return { code: 'ValueNotAllowed', arguments: noEcho ? {} : { allowed } }
}

function findFault(declaration: ParameterDeclaration, value: unknown): ValueFault | undefined {
  switch (declaration.type) {
    case 'Boolean':
      return typeof value === 'boolean' ? undefined : { code: 'ValueNotBoolean', arguments: {} }
    case 'Number':
      return typeof value === 'number' && Number.isFinite(value)
        ? findNumberFault(declaration, value)
        : { code: 'ValueNotNumber', arguments: {} }
    case 'String':
      return typeof value === 'string' ? findStringFault(declaration, value) : { code: 'ValueNotString', arguments: {} }
  }
}

function findNumberFault({ min, max }: ParameterDeclaration, value: number): ValueFault | undefined {
  if (min !== undefined && value < min) return { code: 'ValueBelowMinimum', arguments: { min } }
  return max !== undefined && value > max ? { code: 'ValueAboveMaximum', arguments: { max } } : undefined
}

function findStringFault(
  { minLength, maxLength, pattern }: ParameterDeclaration,
  value: string,
): ValueFault | undefined {
  if (value.length > maxParameterValueBytes || countUtf8Bytes(value) > maxParameterValueBytes)
    return { code: 'ValueTooLarge', arguments: { maxBytes: maxParameterValueBytes } }
  // Scripts get it in an environment variable, as UTF-8 that ends at the first NUL.
  if (value.includes('\0')) return { code: 'ValueHasNul', arguments: {} }
  if (!value.isWellFormed()) return { code: 'ValueHasHalfCharacter', arguments: {} }
  if (findStoreReference(value)) return { code: 'ValueHasStoreReference', arguments: {} }
  if (minLength !== undefined && value.length < minLength) return { code: 'ValueTooShort', arguments: { minLength } }
  if (maxLength !== undefined && value.length > maxLength) return { code: 'ValueTooLong', arguments: { maxLength } }
  return pattern !== undefined && !matchPattern(pattern, value)
    ? { code: 'ValueNotMatched', arguments: { pattern } }
    : undefined
}

function renderUnknown(
  declarations: ParameterDeclarations,
  action: Action,
  name: string,
  names: readonly string[],
): string {
  if (Object.hasOwn(declarations, name)) return `does not belong to ${action}`
  return names.length > 0
    ? `is not declared; ${action} takes ${clip(names.join(', '))}`
    : `is not declared; ${action} takes no parameters`
}

const maxShownLength = 120
const clip = (text: string) => (text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text)
