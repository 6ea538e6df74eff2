import { canonicalJson } from '../../../lib/canonical-json.ts'

/** Whether two values out of JSON are the same, whatever the order of their fields; absent is the same as absent. */
export const isSame = (one: unknown, other: unknown): boolean =>
  one === undefined || other === undefined ? one === other : canonicalJson(one) === canonicalJson(other)
