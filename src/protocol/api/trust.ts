import { z } from 'zod'
import { agentPlatforms } from '../../core/instance/agent-program.ts'
import { sha256Schema } from '../configuration.ts'
import { instantSchema } from './page.ts'

/** Longer than any signature: the use case reports one that is too long. */
const signatureSchema = z.string().min(1).max(16_384)

/** One signature that the server verified when it was uploaded. */
export const signatureViewSchema = z
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

export type SignatureView = z.infer<typeof signatureViewSchema>

/** GET /agent-bundles. */
export const signedAgentsSchema = z
  .object({
    items: z.array(
      z.object({
        version: z.string(),
        arch: z.enum(agentPlatforms),
        /** The bytes that the release key signs, as text. */
        canonical: z.string(),
        signatures: z.array(signatureViewSchema),
      }),
    ),
  })
  .meta({ id: 'AgentBundles' })

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

/** PUT /trust-file: a trust file as its root keys signed it. */
export const trustFileInputSchema = z
  .strictObject({
    /** The exact bytes that were signed, as text. */
    content: z.string().min(1).max(262_144),
    signatures: z.array(signatureSchema).min(1).max(16),
  })
  .meta({ id: 'TrustFileRequest' })

/** GET and PUT /trust-file. */
export const publishedTrustFileSchema = z
  .object({
    version: z.int(),
    content: z.string(),
    signatures: z.array(z.string()),
    createdAt: instantSchema,
    createdBy: z.string(),
  })
  .meta({ id: 'TrustFile' })

export const signatureInputSchema = z.strictObject({ signature: signatureSchema }).meta({ id: 'SignatureRequest' })
