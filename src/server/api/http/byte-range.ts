import { parse } from 'range-parser'

/**
 * What a Range header asks for, of a body of `sizeBytes` (RFC 9110, 14.1-14.2); both ends are included.
 * `all` also where the header has another unit, is not well-formed or asks for several ranges: a server may answer those with everything.
 * `outside`: the range has no byte of the body.
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

/** The bit of a header that breaks the grammar. */
const malformed = 1
