import { chandlerError } from '../../../core/error/errors.ts'
import { instantSchema } from '../../../protocol/api/page.ts'

/**
 * The position after which a page begins, as opaque text: base64url of a JSON array of plain
 * values.
 */
export type PagePlace = readonly (string | number)[]

/** Encodes a position as a token. */
export const renderPageToken = (place: PagePlace): string => Buffer.from(JSON.stringify(place)).toString('base64url')

/** The components of a position; an instant is ISO 8601 text in the token. */
interface Parts {
  readonly string: string
  readonly number: number
  readonly instant: Date
}

const parts: { readonly [Part in keyof Parts]: (value: unknown) => Parts[Part] | undefined } = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  number: (value) => (typeof value === 'number' ? value : undefined),
  instant: (value) => (instantSchema.safeParse(value).success ? new Date(value as string) : undefined),
}

/**
 * @throws RequestInvalid for a text that is not a token of this kind of list
 */
export function parsePageToken<const Shape extends readonly (keyof Parts)[]>(
  token: string | undefined,
  shape: Shape,
): { -readonly [Index in keyof Shape]: Parts[Shape[Index]] } | undefined {
  if (token === undefined) return undefined
  const values = parseArray(Buffer.from(token, 'base64url').toString('utf8'))
  const place = shape.map((part, index) => parts[part](values[index]))
  if (values.length === shape.length && !place.includes(undefined)) return place as never
  throw chandlerError('RequestInvalid', { reason: 'nextToken is not one that this list gave' })
}

function parseArray(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : []
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}
