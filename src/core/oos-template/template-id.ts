import type { ExtensionId } from '../id.ts'

/**
 * The id under which clients of OOS know an extension: `t-` and 20 hex digits, as theirs are. Derived, so that it is never another: the
 * 16 base-32 letters of the extension's id are its 80 bits.
 */
export function templateIdOf(id: ExtensionId): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  let value = 0n
  for (const letter of id.slice('ext-'.length)) value = value * 32n + BigInt(alphabet.indexOf(letter))
  return `t-${value.toString(16).padStart(20, '0')}`
}
