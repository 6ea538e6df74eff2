import { z } from 'zod'
import { valueScopes } from '../../../core/extension/declared-values.ts'
import { parameterValuesSchema } from '../../configuration.ts'
import { instantSchema } from '../page.ts'

const subjectShape = {
  scope: z.enum(valueScopes),
  subject: z.string().min(1).max(400).describe('Name of the group, `KEY=VALUE` of the tag, or id of the instance.'),
}

/** Values of one extension that are declared for a group, a tag or an instance. */
export const declaredValuesSchema = z
  .object({
    ...subjectShape,
    extension: z.string(),
    values: parameterValuesSchema,
    updatedBy: z.string(),
    updatedAt: instantSchema,
  })
  .meta({ id: 'DeclaredValues' })
export type DeclaredValuesView = z.output<typeof declaredValuesSchema>
export const declaredValuesListSchema = z.object({ items: z.array(declaredValuesSchema) })

/** PUT /extensions/{name}/values: all values of a subject; an empty object removes them. */
export const valuesReplacementSchema = z
  .strictObject({ ...subjectShape, values: parameterValuesSchema })
  .meta({ id: 'ValuesReplacement' })
export type ValuesReplacement = z.input<typeof valuesReplacementSchema>

/** PATCH /extensions/{name}/values: the named values of a subject; null removes one. */
export const valuesPatchSchema = z
  .strictObject({
    ...subjectShape,
    values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'ValuesPatch' })
export type ValuesPatch = z.input<typeof valuesPatchSchema>

/** The values that the subject has now. */
export const subjectValuesSchema = z
  .object({ ...subjectShape, extension: z.string(), values: parameterValuesSchema })
  .meta({ id: 'SubjectValues' })
