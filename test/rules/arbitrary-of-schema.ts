import fc, { type Arbitrary } from 'fast-check'
import type { core } from 'zod'

interface Def {
  readonly type: string
  readonly format?: string
  readonly checks?: readonly { readonly _zod: { readonly def: CheckDef } }[]
  readonly [member: string]: unknown
}
interface CheckDef {
  readonly check: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly length?: number
  readonly value?: number
  readonly pattern?: RegExp
  readonly fn?: (text: string) => boolean
}

const defOf = (schema: unknown) => (schema as core.$ZodType)._zod.def as unknown as Def

/** Each refinement of a text accepts some of these: packages, agents, files, object keys. */
const names = ['nginx', 'lib-a1', '0.2.0-3f2a91c04b7d', 'file.txt', 'folder/file.txt']

/** Values that a schema mostly accepts: refinements and long texts are left to chance. */
export function arbitraryOf(schema: unknown): Arbitrary<unknown> {
  const def = defOf(schema)
  const checks = (def.checks ?? []).map((check) => check._zod.def)
  const inner = () => arbitraryOf(def['innerType'])
  switch (def.type) {
    case 'unknown':
      return fc.jsonValue({ maxDepth: 2 })
    case 'boolean':
      return fc.boolean()
    case 'string':
      return textOf(def, checks)
    case 'number': {
      const at = (check: string, otherwise: number) => checks.find((one) => one.check === check)?.value ?? otherwise
      const min = at('greater_than', def.format === 'int32' ? -(2 ** 31) : -1_000)
      const max = at('less_than', def.format === 'int32' ? 2 ** 31 - 1 : 100_000)
      return def.format === undefined
        ? fc.double({ min, max: Math.max(min, max), noNaN: true })
        : fc.integer({ min, max: Math.min(Math.max(min, max), 2 ** 53 - 1) })
    }
    case 'enum':
      return fc.constantFrom(...Object.values(def['entries'] as Record<string, string>))
    case 'literal':
      return fc.constantFrom(...(def['values'] as unknown[]))
    case 'array': {
      const min = checks.find(({ check }) => check === 'min_length')?.minimum ?? 0
      return fc.array(arbitraryOf(def['element']), { minLength: min, maxLength: min + 3 })
    }
    case 'tuple':
      return fc.tuple(...(def['items'] as unknown[]).map(arbitraryOf))
    case 'record':
      return fc.dictionary(arbitraryOf(def['keyType']) as Arbitrary<string>, arbitraryOf(def['valueType']), {
        maxKeys: 3,
      })
    case 'object': {
      const fields = Object.entries(def['shape'] as Record<string, unknown>)
      return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOf(field)])), {
        requiredKeys: fields.filter(([, field]) => !isOptional(field)).map(([name]) => name),
      })
    }
    case 'union':
      return fc.oneof(...(def['options'] as unknown[]).map(arbitraryOf))
    case 'optional':
    case 'default':
    case 'catch':
      return inner()
    default:
      throw new Error(`no values for the type ${def.type}`)
  }
}

const isOptional = (schema: unknown) => ['optional', 'default', 'catch'].includes(defOf(schema).type)

function textOf(def: Def, checks: readonly CheckDef[]): Arbitrary<string> {
  if (def.format === 'url') return fc.webUrl()
  if (def.format === 'datetime')
    return fc
      .date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString())
  const exact = checks.find(({ check }) => check === 'length_equals')?.length
  if (def.format === 'base64') {
    const bytes = exact === undefined ? {} : { minLength: (exact / 4) * 3 - 2, maxLength: (exact / 4) * 3 - 2 }
    return fc.uint8Array({ maxLength: 30, ...bytes }).map((data) => Buffer.from(data).toString('base64'))
  }
  const pattern = checks.find(({ check, format }) => check === 'string_format' && format === 'regex')?.pattern
  // A NUL, which this pattern refuses, comes from the mutations.
  const isLoose = pattern === undefined || pattern.source === '^[^\\0]*$'
  if (!isLoose) return fc.stringMatching(pattern)
  const prefix = checks.some(({ format }) => format === 'starts_with') ? '/' : ''
  const min = checks.find(({ check }) => check === 'min_length')?.minimum ?? 0
  const max = checks.find(({ check }) => check === 'max_length')?.maximum ?? 40
  const text = fc.string({ minLength: min, maxLength: Math.max(min, Math.min(max, 40)), unit: 'binary' })
  const arbitrary = text.map((rest) => `${prefix}${rest}`.slice(0, Math.max(max, 1)))
  const condition = checks.find(({ check }) => check === 'custom')?.fn
  return condition === undefined
    ? arbitrary
    : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names.filter(condition)) }, arbitrary)
}

const strange: readonly unknown[] = [
  null,
  '',
  '\0',
  '\ud800',
  'x'.repeat(300),
  -1,
  0.5,
  2 ** 53,
  1e21,
  true,
  [],
  {},
  [[]],
  { constructor: 1 },
]

/** The value with one to three places replaced, removed or added. */
export function mutate(value: unknown, choices: Iterator<number>): unknown {
  const next = (below: number) => choices.next().value % below
  let mutated = value
  for (let count = 1 + next(3); count > 0; count--) mutated = mutateOnce(mutated, next)
  return mutated
}

function mutateOnce(value: unknown, next: (below: number) => number): unknown {
  const isContainer = typeof value === 'object' && value !== null
  if (!isContainer || next(6) === 0) return strange[next(strange.length)]
  if (Array.isArray(value)) {
    const index = next(value.length + 1)
    if (index === value.length) return [...value, strange[next(strange.length)]]
    return next(4) === 0
      ? value.filter((_, at) => at !== index)
      : value.map((item, at) => (at === index ? mutateOnce(item, next) : item))
  }
  const names = Object.keys(value)
  const index = next(names.length + 1)
  const name = names[index]
  if (name === undefined) return { ...value, [`unknown${next(3)}`]: strange[next(strange.length)] }
  const { [name]: member, ...others } = value as Record<string, unknown>
  return next(4) === 0 ? others : { ...others, [name]: mutateOnce(member, next) }
}
