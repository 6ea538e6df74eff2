import { z } from 'zod'
import { sha256Schema } from '../configuration.ts'
import { instantSchema } from './page.ts'

/** Longer than any signature: the use case reports one that is too long. */
const signatureSchema = z.string().min(1).max(16_384)

/** One signature that the server verified when it was uploaded. */
const signatureViewSchema = z
  .object({
    /** Such as `chandler-version`. */
    namespace: z.string(),
    /** `SHA256:…`, as `ssh-keygen -l` prints it. */
    keyFingerprint: z.string(),
    /** Type and base64, as in `authorized_keys`. */
    publicKey: z.string(),
    signature: z.string(),
    createdAt: instantSchema,
    createdBy: z.string(),
  })
  .meta({ id: 'Signature' })

/** GET and POST /extensions/{name}/versions/{version}/signatures. */
export const signedVersionSchema = z
  .object({
    /** The bytes that a publisher signs, as text: JSON with sorted keys. */
    canonical: z.string(),
    /** Of the bytes. */
    sha256: sha256Schema,
    signatures: z.array(signatureViewSchema),
  })
  .meta({ id: 'SignedVersion' })
export type SignedVersionView = z.infer<typeof signedVersionSchema>

export const signatureInputSchema = z.strictObject({ signature: signatureSchema }).meta({ id: 'SignatureRequest' })
