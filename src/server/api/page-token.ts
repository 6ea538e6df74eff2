import { chandlerError } from '../../core/errors.ts'

/** The place after which a page begins, as opaque text: base64url of a JSON array of plain values. */
export type Place = readonly (string | number)[]

export const renderPageToken = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url')

/** @throws RequestInvalid for a text that no list of this kind has given. */
export function parsePageToken<const Shape extends readonly ('string' | 'number')[]>(
  token: string | undefined,
  shape: Shape,
): { -readonly [Index in keyof Shape]: Shape[Index] extends 'string' ? string : number } | undefined {
  if (token === undefined) return undefined
  try {
    const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    if (
      Array.isArray(place) &&
      place.length === shape.length &&
      place.every((value, index) => typeof value === shape[index])
    ) {
      return place as never
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw chandlerError('RequestInvalid', { reason: 'nextToken is not one that this list gave' })
}
