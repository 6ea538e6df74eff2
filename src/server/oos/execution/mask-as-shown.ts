import { maskedValue } from '../../../core/extension/parameter.ts'

/**
 * Masks the given value wherever the converted value is masked. JSON that was given as text remains
 * text, and unchanged unless something in it is masked.
 */
export function maskAsShown(given: unknown, shown: unknown): unknown {
  if (given === null || given === undefined) return given
  if (shown === maskedValue) return maskedValue
  if (typeof shown !== 'object' || shown === null) return given
  if (typeof given === 'string') {
    const parsed: unknown = JSON.parse(given)
    const masked = JSON.stringify(maskAsShown(parsed, shown))
    return masked === JSON.stringify(parsed) ? given : masked
  }
  const fields = shown as Readonly<Record<string, unknown>>
  if (Array.isArray(given)) return given.map((one, index) => maskAsShown(one, fields[index]))
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, maskAsShown(one, fields[name])]))
}
