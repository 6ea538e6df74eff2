import { canonicalJson } from '../../../lib/canonical-json.ts'

/**
 * Deep equality of two JSON values regardless of the order of their fields; absent equals absent.
 */
export const isSame = (one: unknown, other: unknown): boolean =>
  one === undefined || other === undefined ? one === other : canonicalJson(one) === canonicalJson(other)
