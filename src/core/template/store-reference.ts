/** A reference to a value of OOS's parameter store in a text. */
interface StoreReference {
  /** As written. */
  readonly text: string
  /** Position in the text, in UTF-16 units. */
  readonly start: number
}

// A name consists of any characters but braces, so that each text matches in only one way, in
// linear time.
const reference = /\{\{[ \t\r\n]*oos(?:-secret)?[ \t\r\n]*:[^{}]*\}\}/i

/**
 * The first `{{oos:name}}` or `{{oos-secret:name}}` of a text: Cloud Assistant replaces it with the
 * stored value.
 */
export function findStoreReference(text: string): StoreReference | undefined {
  const match = reference.exec(text)
  return match ? { text: match[0], start: match.index } : undefined
}

/** To follow the name of what contains the reference. */
export const storeReferenceFault =
  'refers to the parameter store of OOS, which is not supported; declare a parameter (noEcho for a secret) and set its value'
