import { z } from 'zod'
import { secretNamePattern } from '../../../core/extension/secret-reference.ts'
import { maxParameterValueBytes } from '../../../core/limits.ts'
import { instantSchema } from '../page.ts'

export const secretNameSchema = z
  .string()
  .regex(secretNamePattern, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')

/** A secret without its value, which no response contains. */
const secretSchema = z
  .object({
    name: z.string(),
    createdBy: z.string(),
    createdAt: instantSchema,
    updatedBy: z.string(),
    updatedAt: instantSchema,
  })
  .meta({ id: 'Secret' })
export const secretsSchema = z.object({ items: z.array(secretSchema) })

/** PUT /secrets/{name}. */
export const secretValueSchema = z
  .strictObject({ value: z.string().min(1).max(maxParameterValueBytes) })
  .meta({ id: 'SecretValue' })
