import { chandlerError } from '../../../core/error/errors.ts'
import type { PublicTemplate, TemplateParameter } from '../public-template/public-template.ts'
import { parseJson } from '../rpc/parse-json.ts'

/** Values by parameter name, of any JSON type. */
export type TemplateValues = Readonly<Record<string, unknown>>

/**
 * The parameters of a template: the given values, converted to their declared types, and defaults
 * for the others. Numbers, booleans and JSON may be given as text, as clients do; null counts as
 * absent, as Terraform sends it.
 * @throws RequestParameterInvalid, RequestParameterMissing: for the first invalid parameter, by
 * name
 */
export function readTemplateValues(template: PublicTemplate, given: TemplateValues): TemplateValues {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(template.parameters, name))
  if (unknown !== undefined) throw refuse(unknown, `is not a parameter of ${template.name}`)
  return Object.fromEntries(
    Object.entries(template.parameters).map(([name, parameter]) => {
      const value = given[name] ?? parameter.default
      if (value === undefined) throw chandlerError('RequestParameterMissing', { name: `Parameters.${name}` })
      return [name, readValue(name, parameter, value)]
    }),
  )
}

function readValue(name: string, { type, allowedValues, maxLength }: TemplateParameter, value: unknown): unknown {
  switch (type) {
    case 'String': {
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
        throw refuse(name, 'must be a text')
      const text = String(value)
      if (maxLength !== undefined && text.length > maxLength)
        throw refuse(name, `must have at most ${maxLength} characters`)
      if (allowedValues && !allowedValues.includes(text))
        throw refuse(name, `must be one of ${allowedValues.join(', ')}`)
      return text
    }
    case 'Number': {
      const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
      if (typeof number !== 'number') throw refuse(name, 'must be a number')
      return number
    }
    case 'Boolean': {
      if (typeof value === 'boolean') return value
      if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
      throw refuse(name, 'must be true or false')
    }
    case 'List': {
      const list = readJson(name, value)
      if (!Array.isArray(list)) throw refuse(name, 'must be a list')
      return list
    }
    case 'Json':
      return readJson(name, value)
  }
}

function readJson(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const parsed = parseJson(value)
  if ('problem' in parsed) throw refuse(name, `must be JSON: ${parsed.problem}`)
  return parsed.value
}

const refuse = (name: string, reason: string) =>
  chandlerError('RequestParameterInvalid', { name: `Parameters.${name}`, reason })
