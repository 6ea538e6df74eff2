/**
 * Schemas of parameters from OOS clients. Every parameter is text, including numbers and booleans;
 * structured values are JSON in one parameter. A message continues after the parameter's name:
 * "MaxResults must be from 1 to 100". The router removes empty parameters, so an optional field is
 * `.optional()` or has a `.default()`, and a required one is missing if it is empty.
 */
import { z } from 'zod'
import { parseJson } from './parse-json.ts'

/** The limit of OOS for texts other than content: parameters of an execution, lists of ids. */
const maxTextLength = 64 * 1024

/** Text of at most `max` UTF-16 units. */
export const text = (max = maxTextLength) => z.string().max(max, `must have at most ${max} characters`)

const integer = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`)

/** `true` or `false` as text, in any case. */
export const boolean = () =>
  z
    .string()
    .regex(/^(true|false)$/i, 'must be true or false')
    .transform((value) => value.toLowerCase() === 'true')

/** One of these words in any case; returns the word as it is declared. */
export const oneOf = <const Word extends string>(...words: readonly Word[]) =>
  z.string().transform((value, context) => {
    const found = words.find((word) => word.toLowerCase() === value.toLowerCase())
    if (found !== undefined) return found
    context.addIssue({ code: 'custom', message: `must be one of ${words.join(', ')}` })
    return z.NEVER
  })

/** One of these words in any case: returns the word as declared, and as given. */
export const givenOneOf = <const Word extends string>(...words: readonly Word[]) =>
  z
    .string()
    .transform((given) => ({ given, word: given }))
    .pipe(z.object({ given: z.string(), word: oneOf(...words) }))

/** An instant such as `2019-05-16T10:26:14Z`; fractions of seconds are accepted. */
export const instant = () =>
  z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z$/, 'must be a time in UTC such as 2019-05-16T10:26:14Z')
    .transform((value) => new Date(value))
    .refine((value) => !Number.isNaN(value.getTime()), 'must be a time in UTC such as 2019-05-16T10:26:14Z')

/** JSON text of at most `maxLength` characters, validated with the given schema. */
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

/** A JSON list of strings, such as `["a","b"]`. */
export const listText = ({ max, maxLength = maxTextLength }: { readonly max: number; readonly maxLength?: number }) =>
  jsonText(z.array(z.string().min(1)).min(1).max(max), { maxLength })

/** Reference 5.7: a JSON object of 1 to 20 pairs. The use case validates keys and values. */
export const tagsText = ({ maxPairs = 20 } = {}) =>
  jsonText(
    z
      .record(z.string().min(1), z.string())
      .refine((tags) => Object.keys(tags).length <= maxPairs, `at most ${maxPairs} tags are allowed`),
  )

/**
 * Page size. OOS documents 10 to 100 or 20 to 100, by operation; smaller values are accepted, too.
 */
export const maxResults = () => integer({ min: 1, max: 100 }).default(50)

/** Opaque; `parseNextToken` of the operation validates it. */
export const nextToken = () => text(4096).optional()
