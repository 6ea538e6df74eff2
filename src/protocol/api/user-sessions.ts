/** Sessions of users: what is signed in, from where; see sessions.ts for signing in. */
import { z } from 'zod'
import { instantSchema, pageQuerySchema } from './page.ts'

/** One line of GET /sessions. */
export const userSessionSchema = z
  .object({
    id: z.string(),
    userName: z.string(),
    createdAt: instantSchema,
    /** To the minute. */
    lastUsedAt: instantSchema,
    /** At the latest: it ends sooner if it is not used. */
    expiresAt: instantSchema,
    /** The address that it began from. */
    source: z.string(),
    /** What the browser said of itself when it began. */
    userAgent: z.string(),
    /** The one that asks. */
    current: z.boolean(),
  })
  .meta({ id: 'UserSession' })
export type UserSession = z.infer<typeof userSessionSchema>

const userSchema = z.string().min(1).max(64)

export const userSessionsQuerySchema = z.strictObject({
  ...pageQuerySchema.shape,
  user: userSchema.optional().describe('Only those of this user. Absent: of all users.'),
})

/** DELETE /sessions?user=NAME */
export const endSessionsQuerySchema = z.strictObject({ user: userSchema.describe('Whose sessions end.') })
export const endedSessionsSchema = z.object({ count: z.int() }).meta({ id: 'EndedSessions' })
