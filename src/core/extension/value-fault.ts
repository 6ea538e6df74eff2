import { storeReferenceFault } from '../template/store-reference.ts'

/** Why a value of a parameter is invalid: a code with the limit that it violates. */
export type ValueFault = {
  readonly [Code in keyof ValueFaults]: { readonly code: Code; readonly arguments: ValueFaults[Code] }
}[keyof ValueFaults]

/** The arguments of each fault. The set is closed: every catalogue has one text for each code. */
export interface ValueFaults {
  readonly ValueNotBoolean: RefusedValue
  readonly ValueNotNumber: RefusedValue
  readonly ValueNotString: RefusedValue
  readonly ValueBelowMinimum: RefusedValue & { readonly min: number }
  readonly ValueAboveMaximum: RefusedValue & { readonly max: number }
  readonly ValueTooLarge: RefusedValue & { readonly maxBytes: number }
  readonly ValueHasNul: RefusedValue
  readonly ValueHasHalfCharacter: RefusedValue
  readonly ValueHasStoreReference: RefusedValue
  readonly ValueReferencesSecret: RefusedValue
  readonly ValueTooShort: RefusedValue & { readonly minLength: number }
  readonly ValueTooLong: RefusedValue & { readonly maxLength: number }
  readonly ValueNotMatched: RefusedValue & { readonly pattern: string }
  /** `allowed` as text, truncated; absent for secrets. */
  readonly ValueNotAllowed: RefusedValue & { readonly allowed?: string }
}

interface RefusedValue {
  /** The value as JSON, truncated; absent for secrets. */
  readonly value?: string
}

export type ValueFaultCatalogue = { readonly [Code in keyof ValueFaults]: (values: ValueFaults[Code]) => string }

/** The faults in English, to follow "parameter NAME". */
export const englishValueFaults: ValueFaultCatalogue = {
  ValueNotBoolean: ({ value }) => `is not a Boolean (true or false)${show(value)}`,
  ValueNotNumber: ({ value }) => `is not a Number${show(value)}`,
  ValueNotString: ({ value }) => `is not a String${show(value)}`,
  ValueBelowMinimum: ({ min, value }) => `is below the minimum ${min}${show(value)}`,
  ValueAboveMaximum: ({ max, value }) => `is above the maximum ${max}${show(value)}`,
  ValueTooLarge: ({ maxBytes, value }) => `is larger than ${maxBytes} bytes${show(value)}`,
  ValueHasNul: ({ value }) => `holds a NUL character, which no environment variable can${show(value)}`,
  ValueHasHalfCharacter: ({ value }) => `holds half a character (a lone surrogate)${show(value)}`,
  ValueHasStoreReference: ({ value }) => `${storeReferenceFault}${show(value)}`,
  ValueReferencesSecret: ({ value }) => `refers to a secret, and the parameter is not secret (noEcho)${show(value)}`,
  ValueTooShort: ({ minLength, value }) => `is shorter than ${minLength}${show(value)}`,
  ValueTooLong: ({ maxLength, value }) => `is longer than ${maxLength}${show(value)}`,
  ValueNotMatched: ({ pattern, value }) => `does not match ${pattern}${show(value)}`,
  ValueNotAllowed: ({ allowed, value }) => `is not one of ${allowed ?? 'the allowed values'}${show(value)}`,
}

const show = (value: string | undefined) => (value === undefined ? '' : `: ${value}`)

/** A fault in English, to follow "parameter NAME". */
export const renderValueFault = ({ code, arguments: values }: ValueFault): string =>
  (englishValueFaults[code] as (of: object) => string)(values)
