import type { FastifyInstance } from 'fastify'
import type { MetricsView } from '../../api-options.ts'

/**
 * `GET /metrics` for a collector that signs in with an access key, as a user with the permission
 * `chandler:GetMetrics`. The metrics cover all accounts of the server.
 */
export function registerMetricsRoutes(api: FastifyInstance, metrics: MetricsView): void {
  api.get(
    '/metrics',
    {
      config: { access: [{ action: 'chandler:GetMetrics', on: 'metrics' }] },
      schema: { tags: ['server'], summary: 'Get the metrics of this server in the Prometheus text format' },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()),
  )
}
