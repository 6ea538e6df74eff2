import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type ParameterType, parameterTypes } from '../../../../core/extension/extension.ts'
import {
  lintScripts,
  lintVersion,
  type ScriptsDraft,
  type VersionLint,
} from '../../../../core/extension/lint-version.ts'
import { osFamilies } from '../../../../core/instance/facts.ts'
import { lintInputSchema, lintSchema } from '../../../../protocol/api/extensions.ts'

/** More problems than a user reads; usually one mistake causes most of them. */
const maxProblems = 500

/**
 * The checks of `chandler extension lint` for a request, for users who edit an extension in a form.
 */
export function registerLintRoutes(api: FastifyInstance): void {
  api.withTypeProvider<ZodTypeProvider>().post(
    '/api/v1/extensions/lint',
    {
      config: { readsOnly: true, access: 'any-user' },
      schema: {
        tags: ['extensions'],
        summary: 'Validate an extension',
        description:
          'Takes the body of `POST /api/v1/extensions`, which may be incomplete; without a name it is validated as the next version. Stores nothing. The ' +
          'response reports every error with its position; warnings do not prevent the creation.',
        body: z.looseObject({}).describe('See ExtensionRequest.'),
        response: { 200: lintSchema },
      },
    },
    async ({ body }) => {
      const problems = [...lintScripts(findDrafts(body), findTypes(body)), ...lintBody(body)]
      return {
        problems: problems.slice(0, maxProblems).map(({ path, ...problem }) => ({ path: [...path], ...problem })),
      }
    },
  )
}

function lintBody(body: object): VersionLint[] {
  const parsed = lintInputSchema.safeParse(body)
  if (!parsed.success) return parsed.error.issues.flatMap(explainIssue)
  const { name, configurations, ...version } = parsed.data
  const numbered = configurations.map((configuration, index) => ({ id: `c${index + 1}`, ...configuration }))
  return lintVersion(name, { ...version, configurations: numbered })
}

function explainIssue(issue: z.core.$ZodIssue): VersionLint[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  const say = (message: string, ...more: string[]) => ({
    path: [...path, ...more],
    severity: 'error' as const,
    message,
  })
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => say('is not a known field', key))
    : [say(issue.message)]
}

const draftSchema = z.object({
  os: z.enum(osFamilies).catch('linux'),
  scripts: z.record(z.string(), z.unknown()).catch({}),
})

function findDrafts(body: { readonly configurations?: unknown }): (ScriptsDraft | undefined)[] {
  const { configurations } = body
  if (!Array.isArray(configurations)) return []
  return configurations.map((one: unknown) => draftSchema.safeParse(one).data)
}

const declarationSchema = z.object({ type: z.enum(parameterTypes) })

/** Types of the parameters whose declarations are valid enough to have one. */
function findTypes({ parameters }: { readonly parameters?: unknown }): Record<string, ParameterType> {
  if (typeof parameters !== 'object' || parameters === null) return {}
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, declaration]) => {
      const { data } = declarationSchema.safeParse(declaration)
      return data ? [[name, data.type]] : []
    }),
  )
}
