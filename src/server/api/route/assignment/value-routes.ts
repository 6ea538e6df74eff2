import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  declaredValuesListSchema,
  subjectValuesSchema,
  valuesPatchSchema,
  valuesReplacementSchema,
} from '../../../../protocol/api/assignment/values.ts'
import { declareValues, readValues } from '../../../app/assignment/declared-values.ts'
import type { AppContext } from '../../../app/context.ts'

const tags = ['values']
const params = z.object({ name: z.string().min(1).max(64) })

/** Parameter values that are declared for groups, tags and instances. */
export function registerValueRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/values',
    {
      config: { access: [{ action: 'oos:ListValues', on: 'value/*' }] },
      schema: {
        tags,
        summary: 'List the values that are declared for groups, tags and instances',
        response: { 200: declaredValuesListSchema },
      },
    },
    async ({ actor }) => ({
      items: (await readValues(context, actor)).map(({ updatedAt, ...row }) => ({
        ...row,
        values: { ...row.values },
        updatedAt: updatedAt.toISOString(),
      })),
    }),
  )

  const access = [{ action: 'oos:DeclareValues', on: 'value/{params.name}' }] as const
  const description =
    'Values have to be valid for the latest version, and not secret. Those of an instance also need `oos:StartExecution` on it.'

  routes.put(
    '/api/v1/extensions/:name/values',
    {
      config: { access: [...access] },
      schema: {
        tags,
        summary: 'Replace the values of an extension for a group, a tag or an instance',
        description,
        params,
        body: valuesReplacementSchema,
        response: { 200: subjectValuesSchema },
      },
    },
    async ({ actor, params: { name: extension }, body }) => ({
      ...body,
      extension,
      values: { ...(await declareValues(context, actor, { ...body, extension, replaces: true })) },
    }),
  )

  routes.patch(
    '/api/v1/extensions/:name/values',
    {
      config: { access: [...access] },
      schema: {
        tags,
        summary: 'Change some values of an extension for a group, a tag or an instance',
        description: `${description} A null removes the value.`,
        params,
        body: valuesPatchSchema,
        response: { 200: subjectValuesSchema },
      },
    },
    async ({ actor, params: { name: extension }, body }) => ({
      ...body,
      extension,
      values: { ...(await declareValues(context, actor, { ...body, extension, replaces: false })) },
    }),
  )
}
