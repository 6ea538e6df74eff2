import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { showVersion } from '../../../../core/extension/extension.ts'
import { overviewQuerySchema, overviewSchema } from '../../../../protocol/api/overview.ts'
import type { AppContext } from '../../../app/context.ts'
import { type Overview, readOverview } from '../../../app/overview/read-overview.ts'
import { presentSummary } from '../../present/present-execution.ts'
import { presentReason } from '../../present/present-reason.ts'

/** The data of the console's overview page. */
export function registerOverviewRoutes(api: FastifyInstance, context: AppContext): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/overview',
    {
      config: {
        access: [
          { action: 'ecs:DescribeInstances', on: 'instance/*' },
          { action: 'oos:ListExecutions', on: 'execution/*' },
          { action: 'oos:ListTemplates', on: 'template/*' },
        ],
      },
      schema: {
        tags: ['overview'],
        summary: 'Get the overview',
        description:
          'Returns instances, executions, installed extensions, what needs attention, and activity over time.',
        querystring: overviewQuerySchema,
        response: { 200: overviewSchema },
      },
    },
    async ({ actor, query }) => present(await readOverview(context, actor, query)),
  )
}

function present(overview: Overview): z.input<typeof overviewSchema> {
  const { instances, activity } = overview
  const count = (status: Parameters<typeof overview.executionCounts.get>[0]) =>
    overview.executionCounts.get(status) ?? 0
  return {
    at: overview.at.toISOString(),
    instances: {
      ...instances,
      offline: instances.total - instances.online,
      pending: overview.pending.count,
      quarantined: overview.quarantined.count,
    },
    executions: {
      open: {
        Started: count('Started'),
        Queued: count('Queued'),
        Running: count('Running'),
        Waiting: count('Waiting'),
      },
      ended: { Success: count('Success'), Failed: count('Failed'), Cancelled: count('Cancelled') },
      recent: overview.recent.map(presentSummary),
    },
    extensions: presentCoverage(overview.coverage),
    attention: {
      waiting: overview.waiting.map(presentSummary),
      failed: overview.failed.map(presentSummary),
      broken: overview.broken.map(({ version, since, ...broken }) => ({
        ...broken,
        version: showVersion(version),
        since: since.toISOString(),
      })),
      away: overview.away.map(({ id, name, lastSeenAt }) => ({
        instanceId: id,
        instanceName: name,
        ...(lastSeenAt && { lastSeenAt: lastSeenAt.toISOString() }),
      })),
      pending: presentNotAdmitted(overview.pending),
      quarantined: presentNotAdmitted(overview.quarantined),
    },
    activity: {
      unit: activity.unit,
      points: activity.points.map((point) => ({ ...point, at: new Date(point.at).toISOString() })),
    },
  }
}

const presentNotAdmitted = ({ first }: Overview['pending']) =>
  first.map(({ id, name, reason, since }) => ({
    instanceId: id,
    instanceName: name,
    ...presentReason(reason),
    since: since.toISOString(),
  }))

const shownExtensions = 20

function presentCoverage(coverage: Overview['coverage']) {
  const extensions = [...Map.groupBy(coverage, ({ name }) => name)].map(([extension, rows]) => ({
    extension,
    installedOn: Object.fromEntries(
      rows.filter(({ status }) => status === 'installed').map(({ version, count }) => [showVersion(version), count]),
    ),
    broken: rows.filter(({ status }) => status === 'broken').reduce((sum, { count }) => sum + count, 0),
    total: rows.reduce((sum, { count }) => sum + count, 0),
  }))
  return extensions
    .toSorted((a, b) => b.total - a.total)
    .slice(0, shownExtensions)
    .map(({ total: _, ...extension }) => extension)
}
