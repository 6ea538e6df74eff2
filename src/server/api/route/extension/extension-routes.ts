import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { showVersion } from '../../../../core/extension/extension.ts'
import {
  coverageSchema,
  createdVersionSchema,
  extensionInputSchema,
  extensionNameSchema,
  extensionPatchSchema,
  extensionSchema,
} from '../../../../protocol/api/extensions.ts'
import { pageOf, pageQuerySchema } from '../../../../protocol/api/page.ts'
import type { AppContext } from '../../../app/context.ts'
import { createExtension } from '../../../app/extension/create-extension.ts'
import { deleteExtension } from '../../../app/extension/delete-extension.ts'
import { type ExtensionRecord, getExtension, listExtensions } from '../../../app/extension/list-extensions.ts'
import { patchExtension } from '../../../app/extension/patch-extension.ts'
import { readCoverage } from '../../../app/extension/read-coverage.ts'
import { makePage } from '../../http/make-page.ts'
import { parsePageToken } from '../../http/page-token.ts'

const tags = ['extensions']
const params = z.object({ name: extensionNameSchema })

export function registerExtensionRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    '/api/v1/extensions',
    {
      config: { access: [{ action: 'oos:ListTemplates', on: 'template/*' }] },
      schema: {
        tags,
        summary: 'List extensions',
        description: 'Sorted by name.',
        querystring: z.strictObject(pageQuerySchema.shape),
        response: { 200: pageOf(extensionSchema) },
      },
    },
    async ({ actor, query: { maxResults, nextToken } }) => {
      const [after] = parsePageToken(nextToken, ['string']) ?? []
      const rows = await listExtensions(context, actor, { after, limit: maxResults + 1 })
      return makePage(rows, maxResults, ({ name }) => [name], present)
    },
  )

  routes.post(
    '/api/v1/extensions',
    {
      config: { access: [{ action: 'oos:CreateTemplate', on: 'template/{body.name}' }] },
      schema: {
        tags,
        summary: 'Create an extension with its first version',
        description: 'Upload artifacts first. The response reports every error with its position.',
        body: extensionInputSchema,
        response: { 201: createdVersionSchema },
      },
    },
    async ({ actor, body }, reply) => reply.code(201).send(await createExtension(context, actor, body)),
  )

  routes.get(
    '/api/v1/extensions/:name',
    {
      config: { access: [{ action: 'oos:GetTemplate', on: 'template/{params.name}' }] },
      schema: { tags, summary: 'Get an extension', params, response: { 200: extensionSchema } },
    },
    async ({ actor, params: { name } }) => present(await getExtension(context, actor, name)),
  )

  routes.get(
    '/api/v1/extensions/:name/coverage',
    {
      config: {
        access: [
          { action: 'oos:GetTemplate', on: 'template/{params.name}' },
          { action: 'ecs:DescribeInstances', on: 'instance/*' },
        ],
      },
      schema: {
        tags,
        summary: 'Count the instances that have an extension, by version',
        params,
        response: { 200: coverageSchema },
      },
    },
    async ({ actor, params: { name } }) => {
      const { versions, instances } = await readCoverage(context, actor, name)
      return { versions: versions.map((row) => ({ ...row, version: showVersion(row.version) })), instances }
    },
  )

  routes.patch(
    '/api/v1/extensions/:name',
    {
      config: { access: [{ action: 'oos:TagResources', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'Change the tags or the resource group of an extension',
        description: '`tags` replaces all tags. Omitted fields are not changed. Does not create a version.',
        params,
        body: extensionPatchSchema,
        response: { 200: extensionSchema },
      },
    },
    async ({ actor, params: { name }, body }) => present(await patchExtension(context, actor, name, body)),
  )

  routes.delete(
    '/api/v1/extensions/:name',
    {
      config: { access: [{ action: 'oos:DeleteTemplate', on: 'template/{params.name}' }] },
      schema: {
        tags,
        summary: 'Delete an extension with all its versions',
        description:
          'Refused while the extension is installed on an instance or used by an active execution, unless `force` is set. With `force`, the software stays on the instances.',
        params,
        querystring: z.strictObject({ force: z.stringbool().default(false) }),
        response: { 204: z.undefined() },
      },
    },
    async ({ actor, params: { name }, query }, reply) => {
      await deleteExtension(context, actor, name, query)
      return reply.code(204).send()
    },
  )
}

const present = (extension: ExtensionRecord) => ({
  id: extension.id,
  name: extension.name,
  type: extension.type,
  description: extension.description,
  latestVersion: showVersion(extension.latestVersion),
  createdAt: extension.createdAt.toISOString(),
  updatedAt: extension.updatedAt.toISOString(),
  createdBy: extension.createdBy,
  updatedBy: extension.updatedBy,
  tags: { ...extension.tags },
  resourceGroup: extension.resourceGroup,
  channels: Object.fromEntries([...extension.channels].map(([channel, version]) => [channel, showVersion(version)])),
  installedOn: Object.fromEntries([...extension.installedOn].map(([version, count]) => [showVersion(version), count])),
  brokenOn: extension.brokenOn,
})
