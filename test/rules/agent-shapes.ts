import { createHash } from 'node:crypto'
import type { core } from 'zod'
import { enrolResponseSchema, serverMessageSchema, tagsSchema } from '../../src/protocol/agent-messages.ts'
import * as records from '../../src/protocol/agent-records.ts'
import { caCertificatesSchema } from '../../src/protocol/ca-certificates.ts'
import type { Field, ShapeNode, StringCheck } from '../../src/protocol/shape.ts'
import { trustFileSchema } from '../../src/protocol/trust-file-schema.ts'
import { type WireCheck, wireChecks } from '../../src/protocol/wire-checks.ts'
import { instanceIdSchema } from '../../src/protocol/wire-fields.ts'

/** Everything that the agent reads, with the name of its shape and of its type. */
export const readByAgents = [
  { name: 'serverMessage', schema: serverMessageSchema, type: 'ServerMessage', from: 'agent-messages' },
  { name: 'enrolResponse', schema: enrolResponseSchema, type: 'EnrolResponse', from: 'agent-messages' },
  { name: 'instanceId', schema: instanceIdSchema, type: 'string', from: undefined },
  { name: 'tags', schema: tagsSchema, type: 'Record<string, string>', from: undefined },
  { name: 'caCertificates', schema: caCertificatesSchema, type: 'CaCertificates', from: 'ca-certificates' },
  { name: 'accepted', schema: records.acceptedSchema, type: 'StoredAcceptance', from: 'agent-records' },
  { name: 'journalState', schema: records.journalStateSchema, type: 'StoredJournalState', from: 'agent-records' },
  { name: 'endEntry', schema: records.endEntrySchema, type: 'EndEntry', from: 'agent-records' },
  { name: 'installedRecord', schema: records.installedRecordSchema, type: 'InstalledRecord', from: 'agent-records' },
  { name: 'connectionRecord', schema: records.connectionRecordSchema, type: 'ConnectionRecord', from: 'agent-records' },
  { name: 'storedTrust', schema: records.storedTrustSchema, type: 'StoredTrust', from: 'agent-records' },
  { name: 'newestVersions', schema: records.newestVersionsSchema, type: 'NewestVersions', from: 'agent-records' },
  { name: 'usedPlans', schema: records.usedPlansSchema, type: 'UsedPlans', from: 'agent-records' },
  { name: 'trustFile', schema: trustFileSchema, type: 'StoredTrustFile', from: 'trust-file-schema' },
  { name: 'enrolmentRecord', schema: records.enrolmentRecordSchema, type: 'EnrolmentRecord', from: 'agent-records' },
] as const

const checkNames = new Map<unknown, WireCheck>(
  Object.entries(wireChecks).map(([name, check]) => [check, name as WireCheck]),
)

/**
 * The shape that accepts what a schema accepts, with the same result.
 * @throws Error for a schema that shapes cannot express
 */
export function shapeOf(schema: core.$ZodType): ShapeNode {
  const { def } = schema._zod as unknown as { def: AnyDef }
  const checks = (def.checks ?? []).map((check) => check._zod.def)
  switch (def.type) {
    case 'unknown':
      return { kind: 'any' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'string': {
      const all = [...(def.format === undefined ? [] : [def]), ...checks].flatMap(stringCheckOf)
      return all.length === 0 ? { kind: 'string' } : { kind: 'string', checks: all }
    }
    case 'number':
      return numberOf(def, checks)
    case 'enum':
      return { kind: 'oneOf', values: Object.values(def.entries!) }
    case 'literal':
      return { kind: 'oneOf', values: def.values! }
    case 'array':
      return { kind: 'array', element: shapeOf(def.element!), ...boundsOf(checks) }
    case 'tuple':
      return { kind: 'tuple', elements: def.items!.map(shapeOf), ...customOf(checks) }
    case 'record':
      return { kind: 'record', key: shapeOf(def.keyType!), value: shapeOf(def.valueType!), ...customOf(checks) }
    case 'object':
      refuse(checks, 'a check of an object')
      return {
        kind: 'object',
        fields: Object.entries(def.shape!).map(([name, field]) => fieldOf(name, field)),
        ...(def.catchall === undefined ? {} : { strict: true as const }),
      }
    case 'union':
      refuse(checks, 'a check of a union')
      if (def.discriminator === undefined) return { kind: 'union', options: def.options!.map(shapeOf) }
      return variantsOf(def.discriminator, def.options!.map(shapeOf))
    default:
      throw new Error(`agents cannot read a schema of type ${def.type}: see test/rules/agent-shapes.ts`)
  }
}

interface AnyDef {
  readonly type: string
  readonly check?: string
  readonly format?: string
  readonly checks?: readonly { readonly _zod: { readonly def: AnyDef } }[]
  readonly entries?: Readonly<Record<string, string>>
  readonly values?: readonly unknown[]
  readonly element?: core.$ZodType
  readonly items?: readonly core.$ZodType[]
  readonly keyType?: core.$ZodType
  readonly valueType?: core.$ZodType
  readonly shape?: Readonly<Record<string, core.$ZodType>>
  readonly catchall?: core.$ZodType
  readonly options?: readonly core.$ZodType[]
  readonly discriminator?: string
  readonly innerType?: core.$ZodType
  readonly defaultValue?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly length?: number
  readonly value?: number
  readonly inclusive?: boolean
  readonly pattern?: RegExp
  readonly fn?: unknown
}

function refuse(checks: readonly AnyDef[], what: string): void {
  if (checks.length > 0) throw new Error(`agents cannot read ${what}: see test/rules/agent-shapes.ts`)
}

function stringCheckOf(def: AnyDef): StringCheck[] {
  switch (def.check ?? '') {
    case 'min_length':
      return [{ min: def.minimum! }]
    case 'max_length':
      return [{ max: def.maximum! }]
    case 'length_equals':
      return [{ min: def.length! }, { max: def.length! }]
    case 'overwrite':
      return ['wellFormed']
    case 'custom':
      return [{ check: checkNameOf(def) }]
    case 'string_format':
      if (def.format === 'base64' || def.format === 'url') return [def.format]
      if (def.pattern) return [{ pattern: def.pattern }]
      break
    default:
  }
  throw new Error(`agents cannot read the check ${def.check} of a text: see test/rules/agent-shapes.ts`)
}

function checkNameOf({ fn }: AnyDef): WireCheck {
  const name = checkNames.get(fn)
  if (name === undefined) throw new Error('a refinement has no name: add its function to src/protocol/wire-checks.ts')
  return name
}

function customOf(checks: readonly AnyDef[]): { check?: WireCheck } {
  const [first, ...others] = checks
  refuse(others, 'several checks of a list')
  return first === undefined ? {} : { check: checkNameOf(first) }
}

function boundsOf(checks: readonly AnyDef[]): { min?: number; max?: number } {
  const bounds: { min?: number; max?: number } = {}
  for (const def of checks) {
    if (def.check === 'min_length') bounds.min = def.minimum!
    else if (def.check === 'max_length') bounds.max = def.maximum!
    else throw new Error(`agents cannot read the check ${def.check} of a list: see test/rules/agent-shapes.ts`)
  }
  return bounds
}

function numberOf(own: AnyDef, checks: readonly AnyDef[]): ShapeNode {
  const whole = own.format === 'safeint' || own.format === 'int32'
  if (own.format !== undefined && !whole) throw new Error(`agents cannot read a number of the format ${own.format}`)
  const [lows, highs] = own.format === 'int32' ? [[-(2 ** 31)], [2 ** 31 - 1]] : [[], []]
  for (const { check, value, inclusive } of checks) {
    if (!inclusive || (check !== 'greater_than' && check !== 'less_than'))
      throw new Error(`agents cannot read the check ${check} of a number: see test/rules/agent-shapes.ts`)
    ;(check === 'greater_than' ? lows : highs).push(value!)
  }
  return {
    kind: 'number',
    ...(whole ? { whole } : {}),
    ...(lows.length === 0 ? {} : { min: Math.max(...lows) }),
    ...(highs.length === 0 ? {} : { max: Math.min(...highs) }),
  }
}

function fieldOf(name: string, schema: core.$ZodType): Field {
  const { def } = schema._zod as unknown as { def: AnyDef }
  if (def.type === 'optional') return { ...fieldOf(name, def.innerType!), optional: true }
  if (def.type === 'default') return { name, shape: shapeOf(def.innerType!), default: def.defaultValue }
  if (def.type === 'catch') return { ...fieldOf(name, def.innerType!), lenient: true, optional: true }
  return { name, shape: shapeOf(schema) }
}

function variantsOf(by: string, options: readonly ShapeNode[]): ShapeNode {
  const of: Record<string, ShapeNode> = {}
  for (const option of options) {
    const tag = option.kind === 'object' ? option.fields.find(({ name }) => name === by)?.shape : undefined
    if (tag?.kind !== 'oneOf') throw new Error(`an option has no fixed value of ${by}`)
    for (const value of tag.values) of[String(value)] = option
  }
  return { kind: 'variants', by, of }
}

/** The content of src/protocol/agent-shapes.ts. */
export function renderAgentShapes(): string {
  const hoisted = new Map<string, string>()
  const lines: string[] = []
  const write = (value: unknown): string => {
    if (value instanceof RegExp) return String(value)
    if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    const text = `{ ${Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `${/^\w+$/.test(name) ? name : JSON.stringify(name)}: ${write(member)}`)
      .join(', ')} }`
    if (!('kind' in value) || value.kind === 'any' || value.kind === 'boolean') return text
    const known = hoisted.get(text)
    if (known !== undefined) return known
    // Names from contents: a new schema does not rename the others.
    const name = `${value.kind as string}${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
    hoisted.set(text, name)
    lines.push(`const ${name} = ${text} as const`)
    return name
  }
  const shapes = readByAgents.map(({ name, schema, type }) => {
    const root = write(shapeOf(schema))
    return `export const ${name}Shape: Shape<${type}> = ${root}`
  })
  const types = new Map<string, string[]>()
  for (const { type, from } of readByAgents) if (from) types.set(from, [...(types.get(from) ?? []), type])
  const imports = [...types].map(([from, names]) => `import type { ${names.sort().join(', ')} } from './${from}.ts'`)
  return `// Generated by \`node scripts/write-agent-shapes.ts\` from the schemas of the protocol; a test checks that it is current.
${imports.sort().join('\n')}
import type { Shape } from './shape.ts'

${lines.join('\n')}

${shapes.join('\n')}
`
}
