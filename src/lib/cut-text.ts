/**
 * The beginning of UTF-8 bytes, cut between characters. Bytes that are no UTF-8 stay as they are.
 * @returns how many of the first `limit` bytes form whole characters
 */
export function wholeCharacters(bytes: Uint8Array, limit: number): number {
  if (bytes.length <= limit) return bytes.length
  let start = limit
  // At most three bytes continue a character; more is no UTF-8.
  while (start > 0 && limit - start < 3 && isContinuation(bytes[start])) start--
  return isContinuation(bytes[start]) ? limit : start
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
