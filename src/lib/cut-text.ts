import { isUtf8 } from 'node:buffer'

/**
 * The beginning of UTF-8 bytes, cut between characters. Bytes that are no UTF-8 stay as they are.
 * @returns how many of the first `limit` bytes form whole characters
 */
export function wholeCharacters(bytes: Uint8Array, limit: number): number {
  if (bytes.length <= limit) return bytes.length
  return findSplitCharacter(bytes, limit, true)?.start ?? limit
}

/**
 * The UTF-8 character that a cut at `at` would split: from `start` up to `end`. Undefined if there is none, which includes bytes that are no UTF-8.
 * @param mayContinue more bytes may follow the given ones: a character that they begin is one
 */
export function findSplitCharacter(
  bytes: Uint8Array,
  at: number,
  mayContinue: boolean,
): { start: number; end: number } | undefined {
  // At most three bytes continue a character.
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

/** Bytes of the character that begins with this one; 1 where none does. */
function characterLength(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80

/** The beginning of a text, at most `length` UTF-16 units, cut between characters. */
export const cutText = (text: string, length: number): string =>
  text.slice(0, isLow(text.charCodeAt(length)) && isHigh(text.charCodeAt(length - 1)) ? length - 1 : length)

/** The end of a text, likewise. */
export function cutTextFront(text: string, length: number): string {
  const from = Math.max(0, text.length - length)
  return text.slice(isLow(text.charCodeAt(from)) && isHigh(text.charCodeAt(from - 1)) ? from + 1 : from)
}

const isHigh = (code: number) => code >= 0xd800 && code < 0xdc00
const isLow = (code: number) => code >= 0xdc00 && code < 0xe000
