/** Users, roles and policies (docs/access.md). */
import { z } from 'zod'
import { maxDescriptionLength } from '../../core/limits.ts'
import { instantSchema } from './page.ts'

/** Names of users, roles and policies: 1 to 64 letters, digits, `.`, `-`, `_`, as in RAM. */
const accessNameSchema = z
  .string()
  .max(64)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'must consist of letters, digits, dots, hyphens and underscores and start with a letter or digit',
  )

const descriptionSchema = z.string().max(maxDescriptionLength)

/** POST /users, POST /roles. */
export const principalInputSchema = z
  .strictObject({ name: accessNameSchema, description: descriptionSchema.default('') })
  .meta({ id: 'PrincipalRequest' })
/** `service` only for users. */
export type PrincipalInput = z.input<typeof principalInputSchema> & { readonly service?: boolean }

/** POST /users. */
export const userInputSchema = principalInputSchema
  .extend({
    service: z
      .boolean()
      .default(false)
      .describe('A service account: it has no password, and its access keys expire, after 90 days by default.'),
  })
  .meta({ id: 'UserRequest' })

/** A user or a role. */
export const principalSchema = z
  .object({
    name: z.string(),
    description: z.string(),
    /** Built in; cannot be changed. */
    builtIn: z.boolean(),
    policies: z.array(z.string()),
    /** A service account; never true for a role. */
    service: z.boolean().default(false),
    createdAt: instantSchema.optional(),
  })
  .meta({ id: 'Principal' })
export type PrincipalView = z.infer<typeof principalSchema>

/** A RAM policy document; the server reports each problem with its place. */
const policyDocumentSchema = z.record(z.string(), z.unknown())

/** POST /policies. */
export const policyInputSchema = z
  .strictObject({
    name: accessNameSchema,
    description: descriptionSchema.default(''),
    document: policyDocumentSchema,
  })
  .meta({ id: 'PolicyRequest' })
export type PolicyInput = z.input<typeof policyInputSchema>

/** PUT /policies/{name}: an absent description does not change. */
export const policyUpdateSchema = z
  .strictObject({ description: descriptionSchema.optional(), document: policyDocumentSchema })
  .meta({ id: 'PolicyUpdate' })
export type PolicyUpdate = z.input<typeof policyUpdateSchema>

export const policySchema = z
  .object({
    name: z.string(),
    description: z.string(),
    /** Built in; cannot be changed. */
    builtIn: z.boolean(),
    document: policyDocumentSchema,
    createdAt: instantSchema.optional(),
    updatedAt: instantSchema.optional(),
  })
  .meta({ id: 'Policy' })
export type PolicyView = z.infer<typeof policySchema>

/** With the first hundred principals that have it. */
export const policyDetailSchema = policySchema
  .extend({ attachedTo: z.array(z.object({ kind: z.enum(['user', 'role']), name: z.string() })) })
  .meta({ id: 'PolicyDetail' })

/** GET /whoami. */
export const whoamiSchema = z
  .object({
    accountId: z.string(),
    userName: z.string(),
    region: z.string(),
    /** Administrator with all permissions; `policies` is empty then. */
    administrator: z.boolean(),
    policies: z.array(z.string()),
    roles: z.array(z.string()).optional().describe('Roles from the identity provider. Absent: none.'),
  })
  .meta({ id: 'Whoami' })
