import { z } from 'zod'

/** More than a page has actions. */
const maxChecks = 100

const checkSchema = z.strictObject({
  action: z
    .string()
    .max(128)
    .regex(/^[a-z][a-z0-9-]*:[A-Za-z0-9]+$/)
    .describe('Such as `ecs:DeleteInstance`.'),
  resource: z
    .string()
    .min(1)
    .max(1_024)
    .describe(
      'Relative name, such as `instance/i-…` or `template/web`. `instance/*` asks whether there can be an instance for which it is allowed; the same for other kinds.',
    ),
})

/** POST /permission-checks */
export const permissionChecksSchema = z.strictObject({ checks: z.array(checkSchema).min(1).max(maxChecks) })
export type PermissionCheck = z.infer<typeof checkSchema>

export const permissionResultsSchema = z.object({
  results: z.array(
    z.object({
      action: z.string(),
      resource: z.string(),
      allowed: z.boolean(),
      reason: z.string().optional().describe('Why it is not allowed, as the refusal would say.'),
    }),
  ),
})
