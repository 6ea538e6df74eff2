import type { ExtensionId } from '../id.ts'

/**
 * The id of an extension for clients of OOS: `t-` and 20 hex digits, as in OOS. Derived and
 * therefore stable: the 16 base-32 letters of the extension's id are its 80 bits.
 */
export function templateIdOf(id: ExtensionId): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  let value = 0n
  for (const letter of id.slice('ext-'.length)) value = value * 32n + BigInt(alphabet.indexOf(letter))
  return `t-${value.toString(16).padStart(20, '0')}`
}
