/** A value of OOS's parameter store that a text refers to, and where. */
interface StoreReference {
  /** As it is written. */
  readonly text: string
  /** Place in the text, in UTF-16 units. */
  readonly start: number
}

// A name is of any characters but braces, so that each text has one way to match: no text takes longer than its length.
const reference = /\{\{[ \t\r\n]*oos(?:-secret)?[ \t\r\n]*:[^{}]*\}\}/i

/** The first `{{oos:name}}` or `{{oos-secret:name}}` of a text: Cloud Assistant puts the stored value into its place. */
export function findStoreReference(text: string): StoreReference | undefined {
  const match = reference.exec(text)
  return match ? { text: match[0], start: match.index } : undefined
}

/** Follows what holds the reference. */
export const storeReferenceFault =
  'refers to the parameter store of OOS, which this server does not have; declare a parameter (noEcho for a secret) and give its value'
