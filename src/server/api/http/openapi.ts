import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { problemSchema } from '../../../protocol/api/problem.ts'
import { tidyComponents } from './tidy-components.ts'

/**
 * Generates OpenAPI 3.1 from the validation schemas: readable at /docs, machine-readable at
 * /openapi.json.
 */
export async function registerOpenApi(api: FastifyInstance, version: string): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Chandler',
        version,
        description:
          'Install, update and remove your own software on any number of servers, in controlled batches. Timestamps are ISO 8601 in UTC, sizes are in bytes, durations in milliseconds. Errors are problem documents (RFC 9457) with a code of the error catalogue.',
      },
      components: {
        securitySchemes: {
          basic: { type: 'http', scheme: 'basic', description: 'Access key id and secret.' },
          bearer: { type: 'http', scheme: 'bearer', description: '`<access key id>:<secret>`' },
        },
      },
      security: [{ basic: [] }, { bearer: [] }],
    },
    transform: (input) => {
      // Every error response has the same form, so routes need not declare them.
      const { schema, ...others } = input
      const response = { default: problemSchema, ...(schema?.response as object | undefined) }
      return jsonSchemaTransform({ ...others, schema: { ...schema, response } } as typeof input)
    },
    transformObject: (input) => tidyComponents(jsonSchemaTransformObject(input) as object),
  })
  await api.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { docExpansion: 'none' } })
  api.get('/openapi.json', { config: { open: true }, schema: { hide: true } }, () => api.swagger())
}
