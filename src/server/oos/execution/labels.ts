import { z } from 'zod'
import { maxNoteLength, maxTagLength } from '../../../core/limits.ts'
import { jsonText, text } from '../rpc/fields.ts'

const maxTags = 20

/** Description, tags and other labels of an execution; the limits are those of the native API. */
export const executionLabels = {
  Description: text(maxNoteLength).optional(),
  ResourceGroupId: text(64).optional(),
  Tags: jsonText(
    z
      .record(z.string().min(1).max(maxTagLength), z.string().max(maxTagLength))
      .refine((tags) => Object.keys(tags).length <= maxTags, `at most ${maxTags} tags are allowed`),
  ).optional(),
}

/** Reference A.10: at most 64 characters of ASCII. */
export const clientToken = () =>
  z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 visible ASCII characters')
    .optional()

export const executionId = () => text(64)
