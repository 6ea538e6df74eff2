import { isUtf8 } from 'node:buffer'

/**
 * The beginning of UTF-8 bytes, cut between characters. Invalid UTF-8 is not changed.
 * @returns how many of the first `limit` bytes form whole characters
 */
export function wholeCharacters(bytes: Uint8Array, limit: number): number {
  if (bytes.length <= limit) return bytes.length
  return findSplitCharacter(bytes, limit, true)?.start ?? limit
}

/**
 * The UTF-8 character that a cut at `at` would split: from `start` up to `end`. Undefined if the
 * cut splits none, also in invalid UTF-8.
 * @param mayContinue more bytes may follow: a character that they complete counts
 */
export function findSplitCharacter(
  bytes: Uint8Array,
  at: number,
  mayContinue: boolean,
): { start: number; end: number } | undefined {
  // A character has at most three continuation bytes.
  for (let start = at - 1; start >= Math.max(0, at - 3); start--) {
    if (isContinuation(bytes[start])) continue
    const end = start + characterLength(bytes[start] ?? 0)
    if (end <= at) return undefined
    const isOne =
      end <= bytes.length
        ? isUtf8(bytes.subarray(start, end))
        : mayContinue && bytes.subarray(start + 1).every(isContinuation)
    return isOne ? { start, end } : undefined
  }
  return undefined
}

/** Length in bytes of the character that starts with this byte; 1 if none does. */
function characterLength(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80

/** The first `length` UTF-16 units of a text, cut between characters. */
export const cutText = (text: string, length: number): string =>
  text.slice(0, isLow(text.charCodeAt(length)) && isHigh(text.charCodeAt(length - 1)) ? length - 1 : length)

/** The last `length` UTF-16 units of a text, cut between characters. */
export function cutTextFront(text: string, length: number): string {
  const from = Math.max(0, text.length - length)
  return text.slice(isLow(text.charCodeAt(from)) && isHigh(text.charCodeAt(from - 1)) ? from + 1 : from)
}

const isHigh = (code: number) => code >= 0xd800 && code < 0xdc00
const isLow = (code: number) => code >= 0xdc00 && code < 0xe000
