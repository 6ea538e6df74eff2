/** Signing in with name and password: what the console does; programs use access keys. */
import { z } from 'zod'
import { maxPasswordLength, minPasswordLength } from '../../core/limits.ts'
import { instantSchema } from './page.ts'

/**
 * What a request has that a page of ours sent. A page of somebody else’s cannot set it without asking us first (CORS), and is told no: that is why
 * a request which changes something and shows a cookie must have it.
 */
export const consoleHeader = 'x-chandler-console'

const passwordSchema = z.string().max(maxPasswordLength)

/** POST /session. */
export const signInSchema = z
  .strictObject({ userName: z.string().min(1).max(64), password: passwordSchema })
  .meta({ id: 'SignIn' })
export type SignIn = z.input<typeof signInSchema>

/** GET /session: who is signed in. The token itself is only in the cookie. */
export const sessionSchema = z
  .object({
    accountId: z.string(),
    userName: z.string(),
    region: z.string(),
    /** Of the server’s program. */
    version: z.string(),
    /** May do everything; `policies` is empty then. */
    administrator: z.boolean(),
    policies: z.array(z.string()),
    /** At the latest: it ends sooner if it is not used. */
    expiresAt: instantSchema,
  })
  .meta({ id: 'Session' })
export type SessionView = z.infer<typeof sessionSchema>

/** PUT /users/{name}/password. Whoever changes their own proves that they know it. */
export const passwordChangeSchema = z
  .strictObject({
    password: z.string().min(minPasswordLength).max(maxPasswordLength),
    oldPassword: passwordSchema.optional(),
  })
  .meta({ id: 'PasswordChange' })
export type PasswordChange = z.input<typeof passwordChangeSchema>
