/**
 * Buckets hold package files by key, as in OSS: BucketName and ObjectName of an OOS template are a
 * bucket and a key here.
 */
import { z } from 'zod'
import { bucketNameSchema, objectKeySchema, sha256Schema } from '../configuration.ts'
import { instantSchema } from './page.ts'

export const bucketInputSchema = z.strictObject({ name: bucketNameSchema }).meta({ id: 'BucketRequest' })

export const bucketSchema = z
  .object({ name: z.string(), createdBy: z.string(), createdAt: instantSchema })
  .meta({ id: 'Bucket' })
export type BucketView = z.infer<typeof bucketSchema>

export const objectParamsSchema = z.object({ bucket: bucketNameSchema, '*': objectKeySchema })

export const objectSchema = z
  .object({
    bucket: z.string(),
    key: z.string(),
    sha256: sha256Schema,
    sizeBytes: z.int(),
    updatedAt: instantSchema,
  })
  .meta({ id: 'Object' })
export type ObjectView = z.infer<typeof objectSchema>
