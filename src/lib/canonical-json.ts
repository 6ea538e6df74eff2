import { sha256Of } from './digest.ts'

/**
 * JSON with object keys in code unit order and no spaces, so that equal values give equal text (as
 * in RFC 8785). Omits undefined fields, as JSON does. Throws a TypeError for values that JSON
 * cannot represent.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`JSON cannot say ${value}`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object') throw new TypeError(`JSON cannot say a ${typeof value}`)
  if (hasToJson(value)) return canonicalJson(value.toJSON())
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`)
  return `{${fields.join(',')}}`
}

const hasToJson = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function'

/** Equal values have equal digests, whatever the order of their fields. */
export const digestJson = (value: unknown): string => sha256Of(canonicalJson(value))
