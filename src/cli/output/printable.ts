/**
 * Untrusted text as one line: replaces control characters (also of escape sequences) and
 * bidirectional controls by spaces.
 */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim()

/** At most `length` characters, with a mark where text was cut. */
export const clip = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, Math.max(0, length - 1))}…` : text

export const countWithNoun = (count: number, word: string): string => `${count} ${count === 1 ? word : pluralOf(word)}`

const pluralOf = (word: string) =>
  /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`
