/**
 * What a Range header asks for, of a body of `sizeBytes` (RFC 9110, 14.1-14.2); both ends included.
 * `all` also where the header is of another unit, not well-formed, or asks for several ranges: a server may answer those
 * with everything. `outside`: there is nothing to send.
 */
export function parseByteRange(
  header: string | undefined,
  sizeBytes: number,
): 'all' | 'outside' | { readonly start: number; readonly end: number } {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header ?? '')
  if (match === null) return 'all'
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return 'all'
    const length = Math.min(Number(last), sizeBytes)
    return length === 0 ? 'outside' : { start: sizeBytes - length, end: sizeBytes - 1 }
  }
  const start = Number(first)
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  if (last !== '' && Number(last) < start) return 'all'
  return start >= sizeBytes ? 'outside' : { start, end }
}
