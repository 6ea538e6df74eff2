/** Sign-in with name and password for the console; programs use access keys. */
import { z } from 'zod'
import { maxPasswordLength, minPasswordLength } from '../../core/limits.ts'
import { instantSchema } from './page.ts'

/**
 * A header that only pages of the console can send: a page of another origin needs a CORS
 * preflight, which the server refuses. A request that changes something and authenticates with a
 * cookie must have it.
 */
export const consoleHeader = 'x-chandler-console'

/** Stands for the id of an access key where the secret is the token of a session. */
export const sessionTokenId = 'session'

const passwordSchema = z.string().max(maxPasswordLength)

/** POST /session. */
export const signInSchema = z
  .strictObject({
    userName: z.string().min(1).max(64),
    password: passwordSchema,
    code: z
      .string()
      .max(64)
      .optional()
      .describe('Of the authenticator app, or a recovery code; for users with a second factor.'),
  })
  .meta({ id: 'SignIn' })
export type SignIn = z.input<typeof signInSchema>

/** GET /session: the signed-in user. Only the cookie contains the token. */
export const sessionSchema = z
  .object({
    accountId: z.string(),
    userName: z.string(),
    region: z.string(),
    /** Version of the server. */
    version: z.string(),
    /** Administrator with all permissions; `policies` is empty then. */
    administrator: z.boolean(),
    policies: z.array(z.string()),
    roles: z.array(z.string()).optional().describe('Roles from the identity provider. Absent: none.'),
    /** Latest expiry; an idle session expires earlier. */
    expiresAt: instantSchema,
    /** The user signed in through the identity provider. */
    sso: z.boolean().default(false),
  })
  .meta({ id: 'Session' })
export type SessionView = z.infer<typeof sessionSchema>

/** POST /session-tokens: a session for programs such as the CLI. */
export const sessionTokenSchema = z
  .object({
    token: z.string().describe('Send it as `Authorization: Bearer session:TOKEN`.'),
    userName: z.string(),
    expiresAt: instantSchema,
  })
  .meta({ id: 'SessionToken' })
export type SessionToken = z.infer<typeof sessionTokenSchema>

/** POST /session-tokens/device: sign-in at the identity provider for programs without a browser. */
export const deviceSignInSchema = z
  .object({
    handle: z.string().describe('Secret; for /session-tokens/device/poll.'),
    userCode: z.string().describe('The user enters it on the page of the provider.'),
    verificationUri: z.string(),
    verificationUriComplete: z.string().optional().describe('Contains the code.'),
    expiresAt: instantSchema,
    intervalMs: z.int().describe('Wait as long before each poll.'),
  })
  .meta({ id: 'DeviceSignIn' })

/** POST /session-tokens/device/poll */
export const devicePollSchema = z.strictObject({ handle: z.string().min(1).max(4_096) }).meta({ id: 'DevicePoll' })

export const devicePollResultSchema = z
  .object({
    session: sessionTokenSchema.optional().describe('Absent while the user has not finished.'),
    intervalMs: z.int().describe('Wait as long before the next poll.'),
  })
  .meta({ id: 'DevicePollResult' })

/** PUT /users/{name}/password. To change their own password, users must give the current one. */
export const passwordChangeSchema = z
  .strictObject({
    password: z.string().min(minPasswordLength).max(maxPasswordLength),
    oldPassword: passwordSchema.optional(),
  })
  .meta({ id: 'PasswordChange' })
export type PasswordChange = z.input<typeof passwordChangeSchema>

/** GET /session/methods: how users can sign in. */
export const signInMethodsSchema = z.object({
  password: z.boolean(),
  sso: z
    .object({ name: z.string(), path: z.string().describe('Open it in a browser to sign in.') })
    .optional()
    .describe('The identity provider of the organisation.'),
})
