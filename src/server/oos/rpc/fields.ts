/**
 * Schemas for what OOS clients send. Everything travels as text: numbers, booleans, and whatever has a shape as JSON in one parameter.
 * A message follows the parameter's name: "MaxResults must be from 1 to 100". The router leaves out what is empty, so a field that may be
 * absent is `.optional()` or has a `.default()`, and one that may not is missing when it is empty.
 */
import { z } from 'zod'
import { parseJson } from './parse-json.ts'

/** The longest text that is not content: parameters of an execution, lists of ids. As OOS has it. */
const maxTextLength = 64 * 1024

/** Text of at most `max` UTF-16 units. */
export const text = (max = maxTextLength) => z.string().max(max, `must have at most ${max} characters`)

const integer = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`)

export const boolean = () =>
  z
    .string()
    .regex(/^(true|false)$/i, 'must be true or false')
    .transform((value) => value.toLowerCase() === 'true')

/** One of these words, whatever its case; gives the word as it is written here. */
export const oneOf = <const Word extends string>(...words: readonly Word[]) =>
  z.string().transform((value, context) => {
    const found = words.find((word) => word.toLowerCase() === value.toLowerCase())
    if (found !== undefined) return found
    context.addIssue({ code: 'custom', message: `must be one of ${words.join(', ')}` })
    return z.NEVER
  })

/** One of these words, whatever its case: the word as it is written here, and as it was given. */
export const givenOneOf = <const Word extends string>(...words: readonly Word[]) =>
  z
    .string()
    .transform((given) => ({ given, word: given }))
    .pipe(z.object({ given: z.string(), word: oneOf(...words) }))

/** An instant, as `2019-05-16T10:26:14Z`; fractions of seconds are taken, too. */
export const instant = () =>
  z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z$/, 'must be a time in UTC such as 2019-05-16T10:26:14Z')
    .transform((value) => new Date(value))
    .refine((value) => !Number.isNaN(value.getTime()), 'must be a time in UTC such as 2019-05-16T10:26:14Z')

/** JSON as text of at most `maxLength` characters, then by its own schema. */
export const jsonText = <Value>(schema: z.ZodType<Value>, { maxLength = maxTextLength } = {}) =>
  text(maxLength).transform((value, context) => {
    const parsed = parseJson(value)
    if ('problem' in parsed) {
      context.addIssue({ code: 'custom', message: `must be JSON: ${parsed.problem}` })
      return z.NEVER
    }
    const checked = schema.safeParse(parsed.value)
    if (checked.success) return checked.data
    const [issue] = checked.error.issues
    const place = issue?.path.length ? `at ${issue.path.join('.')}: ` : ''
    context.addIssue({ code: 'custom', message: `is not well-formed: ${place}${issue?.message}` })
    return z.NEVER
  })

/** A JSON list of texts, such as `["a","b"]`. */
export const listText = ({ max, maxLength = maxTextLength }: { readonly max: number; readonly maxLength?: number }) =>
  jsonText(z.array(z.string().min(1)).min(1).max(max), { maxLength })

/** Reference 5.7: a JSON object of 1 to 20 pairs. What keys and values may be is for the use case to say. */
export const tagsText = ({ maxPairs = 20 } = {}) =>
  jsonText(
    z
      .record(z.string().min(1), z.string())
      .refine((tags) => Object.keys(tags).length <= maxPairs, `at most ${maxPairs} tags are allowed`),
  )

/** How many a page may hold. OOS says 10 to 100 or 20 to 100, by operation; less is taken, too. */
export const maxResults = () => integer({ min: 1, max: 100 }).default(50)

/** Opaque; `parseNextToken` of the operation says whether it is one of its own. */
export const nextToken = () => text(4096).optional()
