import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { showVersion } from '../../../../core/extension/extension.ts'
import {
  createdVersionSchema,
  extensionNameSchema,
  extensionVersionSchema,
  versionInputSchema,
  versionLabelSchema,
  versionReferenceSchema,
} from '../../../../protocol/api/extensions.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { AppContext } from '../../../app/context.ts'
import { createVersion } from '../../../app/extension/create-version.ts'
import { deleteVersion } from '../../../app/extension/delete-version.ts'
import { getVersion, listVersions, type VersionRecord } from '../../../app/extension/list-versions.ts'
import { setVersionDeprecated } from '../../../app/extension/set-version-deprecated.ts'
import { parsePageToken, renderPageToken } from '../../http/page-token.ts'

const tags = ['extensions']
const extensionParams = z.object({ name: extensionNameSchema })
const params = z.object({ name: extensionNameSchema, version: versionLabelSchema })

export function registerVersionRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'objects' | 'clock'>,
): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/extensions/:name/versions',
    {
      config: { access: [{ action: 'oos:ListTemplateVersions', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'List the versions of an extension',
        description: 'Newest first. A page can contain fewer versions than requested if they are large.',
        params: extensionParams,
        querystring: z.strictObject(pageQuerySchema.shape),
        response: { 200: pageOf(extensionVersionSchema) },
      },
    },
    async ({ actor, params: { name }, query: { maxResults, nextToken } }) => {
      const [before] = parsePageToken(nextToken, ['number']) ?? []
      const rows = await listVersions(context, actor, name, { before, limit: maxResults })
      const last = rows.at(-1)
      const items = rows.map(present)
      // v1 is the last version of a list, so a page that ends with it has no next page.
      return last && last.version > 1 ? { items, nextToken: renderPageToken([last.version]) } : { items }
    },
  )

  routes.post(
    '/api/v1/extensions/:name/versions',
    {
      config: { access: [{ action: 'oos:UpdateTemplate', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'Create the next version of an extension',
        params: extensionParams,
        body: versionInputSchema,
        response: { 201: createdVersionSchema },
      },
    },
    async ({ actor, params: { name }, body }, reply) =>
      reply.code(201).send(await createVersion(context, actor, name, body)),
  )

  routes.get(
    '/api/v1/extensions/:name/versions/:version',
    {
      config: { access: [{ action: 'oos:GetTemplate', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'Get a version',
        description: 'A version number, `latest`, or a channel.',
        params: z.object({ name: extensionNameSchema, version: versionReferenceSchema }),
        response: { 200: extensionVersionSchema },
      },
    },
    async ({ actor, params: { name, version } }) => present(await getVersion(context, actor, name, version)),
  )

  for (const deprecated of [true, false]) {
    routes.post(
      `/api/v1/extensions/:name/versions/:version/${deprecated ? 'deprecate' : 'undeprecate'}`,
      {
        config: { access: [{ action: 'oos:UpdateTemplate', on: 'template/{params.name}' }] },
        schema: {
          tags,
          summary: deprecated ? 'Deprecate a version' : 'Undo the deprecation of a version',
          description: 'A deprecated version cannot be installed. It can still be uninstalled and restored.',
          params,
          response: { 204: z.undefined() },
        },
      },
      async ({ actor, params: { name, version } }, reply) => {
        await setVersionDeprecated(context, actor, name, version, deprecated)
        return reply.code(204).send()
      },
    )
  }

  routes.delete(
    '/api/v1/extensions/:name/versions/:version',
    {
      config: { access: [{ action: 'oos:DeleteTemplate', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'Delete a version',
        description: 'Refused under the same conditions as deleting the extension, and for the only version.',
        params,
        querystring: z.strictObject({ force: z.stringbool().default(false) }),
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { name, version }, query }, reply) => {
      await deleteVersion(context, actor, name, version, query)
      return reply.code(204).send()
    },
  )
}

const present = (row: VersionRecord): z.output<typeof extensionVersionSchema> => ({
  extension: row.extensionName,
  version: showVersion(row.version),
  versionDescription: row.versionDescription,
  deprecated: row.deprecated,
  createdAt: row.createdAt.toISOString(),
  scope: row.scope as z.output<typeof extensionVersionSchema>['scope'],
  parameters: row.parameters as z.output<typeof extensionVersionSchema>['parameters'],
  configurations: row.configurations as z.output<typeof extensionVersionSchema>['configurations'],
})
