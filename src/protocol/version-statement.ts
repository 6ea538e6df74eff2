import { z } from 'zod'
import { extensionTypes } from '../core/extension/extension.ts'
import {
  maxConfigurationsPerVersion,
  maxDescriptionLength,
  maxExtensionNameLength,
  maxWorkPerPlan,
} from '../core/limits.ts'
import { agentFormat } from '../core/trust/agent-statement.ts'
import { approvedKinds, planFormat } from '../core/trust/plan-statement.ts'
import { type VersionStatement, versionFormat } from '../core/trust/version-statement.ts'
import {
  artifactSchema,
  configurationSchema,
  parameterDeclarationSchema,
  scopeSchema,
  sha256Schema,
  verifyCheckSchema,
} from './configuration.ts'

const [processCheck, portCheck, fileCheck, httpCheck, packageCheck, scriptCheck] = verifyCheckSchema.options

/** The canonical bytes of a version, after `JSON.parse`. */
export const versionStatementSchema = z.strictObject({
  format: z.literal(versionFormat),
  extension: z.string().min(1).max(maxExtensionNameLength),
  type: z.enum(extensionTypes),
  version: z.int().min(1),
  versionDescription: z.string().max(maxDescriptionLength),
  scope: scopeSchema,
  parameters: z.record(z.string(), parameterDeclarationSchema),
  configurations: z
    .array(
      configurationSchema.extend({
        artifact: artifactSchema.omit({ object: true }).optional(),
        scripts: z.strictObject({
          install: sha256Schema.optional(),
          uninstall: sha256Schema.optional(),
          update: sha256Schema.optional(),
          output: sha256Schema.optional(),
        }),
        verify: z.array(
          z.discriminatedUnion('kind', [
            processCheck,
            portCheck,
            fileCheck,
            httpCheck,
            packageCheck,
            scriptCheck.omit({ script: true }).extend({ scriptSha256: sha256Schema }),
          ]),
        ),
      }),
    )
    .min(1)
    .max(maxConfigurationsPerVersion),
}) satisfies z.ZodType<VersionStatement>

/** The bytes of an agent that the release key signs, after `JSON.parse`. */
export const agentStatementSchema = z.strictObject({
  format: z.literal(agentFormat),
  version: z.string().regex(/^[0-9][0-9A-Za-z.+-]{0,63}$/),
  arch: z.string().min(1).max(32),
  sha256: sha256Schema,
  sizeBytes: artifactSchema.shape.sizeBytes,
})

/**
 * The plan that approvers sign, after `JSON.parse`. The fields of the work are compared with those
 * of the task, one by one: what this schema does not know cannot be equal.
 */
export const planStatementSchema = z.strictObject({
  format: z.literal(planFormat),
  execution: z.string().min(1).max(64),
  expires: z.iso.datetime(),
  work: z
    .array(
      z.strictObject({
        does: z.looseObject({ kind: z.enum(approvedKinds) }),
        instances: z.strictObject({ count: z.int().min(1), sha256: sha256Schema }),
      }),
    )
    .min(1)
    .max(maxWorkPerPlan),
})
