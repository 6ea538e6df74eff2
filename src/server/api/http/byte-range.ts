import { parse } from 'range-parser'

/**
 * Parses a Range header for a body of `sizeBytes` (RFC 9110, 14.1-14.2); both ends are inclusive.
 * `all` also if the header has another unit, is malformed or has several ranges: a server may send
 * the whole body then. `outside`: the range contains no byte of the body.
 */
export function parseByteRange(
  header: string | undefined,
  sizeBytes: number,
): 'all' | 'outside' | { readonly start: number; readonly end: number } {
  if (header === undefined) return 'all'
  const { type, code, ranges } = parse(sizeBytes, header)
  const [range] = ranges
  if (type !== 'bytes' || (code & malformed) !== 0 || ranges.length > 1) return 'all'
  return range === undefined ? 'outside' : { start: range.start, end: range.end }
}

/** The bit that marks a malformed header. */
const malformed = 1
