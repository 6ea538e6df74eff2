/** Sessions of signed-in users; see sessions.ts for the sign-in. */
import { z } from 'zod'
import { instantSchema, pageQuerySchema } from './page.ts'

/** One item of GET /sessions. */
export const userSessionSchema = z
  .object({
    id: z.string(),
    userName: z.string(),
    createdAt: instantSchema,
    /** With a resolution of one minute. */
    lastUsedAt: instantSchema,
    /** Latest expiry; an idle session expires earlier. */
    expiresAt: instantSchema,
    /** Client address at sign-in. */
    source: z.string(),
    /** User-Agent header at sign-in. */
    userAgent: z.string(),
    /** The caller's session. */
    current: z.boolean(),
  })
  .meta({ id: 'UserSession' })
export type UserSession = z.infer<typeof userSessionSchema>

const userSchema = z.string().min(1).max(64)

export const userSessionsQuerySchema = z.strictObject({
  ...pageQuerySchema.shape,
  user: userSchema.optional().describe('Filter by user. Default: all users.'),
})

/** DELETE /sessions?user=NAME */
export const endSessionsQuerySchema = z.strictObject({ user: userSchema.describe('User of the sessions to end.') })
export const endedSessionsSchema = z.object({ count: z.int() }).meta({ id: 'EndedSessions' })
