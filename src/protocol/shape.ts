import { type WireCheck, wireChecks } from './wire-checks.ts'

/** What a value has to be, as data. The agent reads with shapes what servers validate with zod. */
export type ShapeNode =
  | { readonly kind: 'any' | 'boolean' }
  | { readonly kind: 'string'; readonly checks?: readonly StringCheck[] }
  | { readonly kind: 'number'; readonly whole?: true; readonly min?: number; readonly max?: number }
  | { readonly kind: 'oneOf'; readonly values: readonly unknown[] }
  | {
      readonly kind: 'array'
      readonly element: ShapeNode
      readonly min?: number
      readonly max?: number
    }
  | { readonly kind: 'tuple'; readonly elements: readonly ShapeNode[]; readonly check?: WireCheck }
  | {
      readonly kind: 'record'
      readonly key: ShapeNode
      readonly value: ShapeNode
      readonly check?: WireCheck
    }
  | {
      readonly kind: 'object'
      readonly fields: readonly Field[]
      /** Refuses unknown fields, which are otherwise left out of the result. */
      readonly strict?: true
    }
  | { readonly kind: 'union'; readonly options: readonly ShapeNode[] }
  /** The value of the field `by` chooses the option. */
  | {
      readonly kind: 'variants'
      readonly by: string
      readonly of: Readonly<Record<string, ShapeNode>>
    }

export interface Field {
  readonly name: string
  readonly shape: ShapeNode
  readonly optional?: true
  /** The value of an absent field. */
  readonly default?: unknown
  /** A value that does not fit counts as absent. */
  readonly lenient?: true
}

export type StringCheck =
  | { readonly min: number }
  | { readonly max: number }
  | { readonly pattern: RegExp }
  | { readonly check: WireCheck }
  | 'base64'
  | 'url'
  | 'wellFormed'

declare const target: unique symbol
/** The shape of T. */
export type Shape<T> = ShapeNode & { readonly [target]?: T }

/** A value that does not have its shape. */
export class ShapeError extends Error {
  /** @param path of the field, such as `invocations.0.id` */
  constructor(path: string, fault: string) {
    super(`${path || 'message'}: ${fault}`)
  }
}

/**
 * Reads parsed JSON: the value without unknown fields, and with defaults.
 * @throws ShapeError
 */
export function readShape<T>(shape: Shape<T>, value: unknown): T {
  const read = readNode(shape, value)
  if (read instanceof Misfit) throw new ShapeError(read.path.reverse().join('.'), read.fault)
  return read as T
}

/** Like readShape, but undefined for a value of another shape. */
export function tryShape<T>(shape: Shape<T>, value: unknown): T | undefined {
  const read = readNode(shape, value)
  return read instanceof Misfit ? undefined : (read as T)
}

/** Not an Error: unions try their options, and a stack trace costs more than the reading. */
class Misfit {
  readonly path: (string | number)[] = []
  readonly fault: string
  constructor(fault: string) {
    this.fault = fault
  }
  in(name: string | number): this {
    this.path.push(name)
    return this
  }
}

function readNode(shape: ShapeNode, value: unknown): unknown {
  switch (shape.kind) {
    case 'any':
      return value
    case 'boolean':
      return typeof value === 'boolean' ? value : new Misfit('is not a boolean')
    case 'number':
      return readNumber(shape, value)
    case 'string':
      return typeof value === 'string' ? readText(value, shape.checks ?? []) : new Misfit('is not text')
    case 'oneOf':
      return shape.values.includes(value) ? value : new Misfit('is not one of the known values')
    case 'array':
      return readArray(shape, value)
    case 'tuple':
      return readTuple(shape, value)
    case 'record':
      return readRecord(shape, value)
    case 'object':
      return readObject(shape, value)
    case 'union':
      return readUnion(shape, value)
    case 'variants':
      return readVariant(shape, value)
  }
}

type NodeOf<Kind extends ShapeNode['kind']> = Extract<ShapeNode, { kind: Kind }>

function readNumber({ whole, min, max }: NodeOf<'number'>, value: unknown): unknown {
  if (typeof value !== 'number' || !Number.isFinite(value)) return new Misfit('is not a number')
  if (whole && !Number.isSafeInteger(value)) return new Misfit('is not a whole number')
  if (min !== undefined && value < min) return new Misfit(`is below ${min}`)
  return max !== undefined && value > max ? new Misfit(`is above ${max}`) : value
}

function readText(value: string, checks: readonly StringCheck[]): string | Misfit {
  let read = value
  for (const check of checks) {
    if (check === 'wellFormed') read = read.toWellFormed()
    else if (check === 'base64') {
      if (!isBase64(read)) return new Misfit('is not base64')
    } else if (check === 'url') {
      read = read.trim()
      if (!URL.canParse(read)) return new Misfit('is not a URL')
      // The parser of URLs ignores these.
      read = read.replaceAll(/[\t\n\r]/g, '')
    } else if ('min' in check) {
      if (read.length < check.min) return new Misfit(`is shorter than ${check.min}`)
    } else if ('max' in check) {
      if (read.length > check.max) return new Misfit(`is longer than ${check.max}`)
    } else if ('pattern' in check) {
      if (!check.pattern.test(read)) return new Misfit('has another form')
    } else if (!holds(check.check, read)) return new Misfit('has another form')
  }
  return read
}

const isBase64 = (text: string) => text.length % 4 === 0 && /^[0-9A-Za-z+/]*={0,2}$/.test(text)

const holds = (name: WireCheck, value: unknown) => (wireChecks[name] as (value: unknown) => boolean)(value)

function readArray({ element, min = 0, max = Infinity }: NodeOf<'array'>, value: unknown): unknown {
  if (!Array.isArray(value)) return new Misfit('is not a list')
  if (value.length < min) return new Misfit(`has fewer than ${min} entries`)
  if (value.length > max) return new Misfit(`has more than ${max} entries`)
  const read: unknown[] = []
  for (const [index, item] of value.entries()) {
    const entry = readNode(element, item)
    if (entry instanceof Misfit) return entry.in(index)
    read.push(entry)
  }
  return read
}

function readTuple({ elements, check }: NodeOf<'tuple'>, value: unknown): unknown {
  if (!Array.isArray(value) || value.length !== elements.length)
    return new Misfit(`is not a list of ${elements.length} entries`)
  const read: unknown[] = []
  for (const [index, element] of elements.entries()) {
    const entry = readNode(element, value[index])
    if (entry instanceof Misfit) return entry.in(index)
    read.push(entry)
  }
  return check === undefined || holds(check, read) ? read : new Misfit('has another form')
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readRecord({ key, value: shape, check }: NodeOf<'record'>, value: unknown): unknown {
  if (!isObject(value)) return new Misfit('is not an object')
  const read: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    // Never a prototype.
    if (name === '__proto__') continue
    const readName = readNode(key, name)
    if (readName instanceof Misfit) return readName.in(name)
    const entry = readNode(shape, item)
    if (entry instanceof Misfit) return entry.in(name)
    if (readName !== '__proto__') read[readName as string] = entry
  }
  return check === undefined || holds(check, read) ? read : new Misfit('has another form')
}

function readObject({ fields, strict }: NodeOf<'object'>, value: unknown): unknown {
  if (!isObject(value)) return new Misfit('is not an object')
  const read: Record<string, unknown> = {}
  for (const field of fields) {
    const given = Object.hasOwn(value, field.name) ? value[field.name] : undefined
    const entry = given === undefined ? field.default : readNode(field.shape, given)
    if (entry instanceof Misfit) {
      if (!field.lenient) return entry.in(field.name)
    } else if (entry !== undefined) read[field.name] = entry
    else if (!field.optional) return new Misfit('is missing').in(field.name)
  }
  if (!strict) return read
  const unknown = Object.keys(value).find((name) => !fields.some((field) => field.name === name))
  return unknown === undefined ? read : new Misfit('is unknown').in(unknown)
}

function readUnion({ options }: NodeOf<'union'>, value: unknown): unknown {
  let last: unknown
  for (const option of options) {
    last = readNode(option, value)
    if (!(last instanceof Misfit)) return last
  }
  return last
}

function readVariant({ by, of }: NodeOf<'variants'>, value: unknown): unknown {
  if (!isObject(value)) return new Misfit('is not an object')
  const name = Object.hasOwn(value, by) ? value[by] : undefined
  const option = typeof name === 'string' && Object.hasOwn(of, name) ? of[name] : undefined
  return option === undefined ? new Misfit('is not one of the known values').in(by) : readNode(option, value)
}
