/** Codes of an authenticator app as the second factor of a password (docs/access.md). */
import { z } from 'zod'
import { maxPasswordLength } from '../../core/limits.ts'
import { instantSchema } from './page.ts'

const codeSchema = z.string().min(1).max(64).describe('Of the authenticator app, or a recovery code.')

/** GET /users/{name}/second-factor */
export const secondFactorSchema = z
  .object({
    enabled: z.boolean(),
    enabledAt: instantSchema.optional(),
    recoveryCodesLeft: z.int(),
  })
  .meta({ id: 'SecondFactor' })

/** POST /second-factor */
export const secondFactorRequestSchema = z
  .strictObject({ password: z.string().max(maxPasswordLength) })
  .meta({ id: 'SecondFactorRequest' })

export const secondFactorSecretSchema = z
  .object({
    secret: z.string().describe('Base32, to type into an app.'),
    uri: z.string().describe('`otpauth:` URI, for a QR code.'),
  })
  .meta({ id: 'SecondFactorSecret' })
export type SecondFactorSecret = z.infer<typeof secondFactorSecretSchema>

/** POST /second-factor/enable and /second-factor/disable */
export const secondFactorCodeSchema = z.strictObject({ code: codeSchema }).meta({ id: 'SecondFactorCode' })

export const recoveryCodesSchema = z
  .object({ recoveryCodes: z.array(z.string()).describe('Each replaces one code, once. Shown only here.') })
  .meta({ id: 'RecoveryCodes' })
