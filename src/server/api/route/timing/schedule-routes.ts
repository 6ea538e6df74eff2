import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { hideSecrets } from '../../../../core/execution/operation/requested-secrets.ts'
import { summariseRequest } from '../../../../core/execution/operation/summarise-operation.ts'
import { renderSelector } from '../../../../core/plan/targets.ts'
import {
  scheduleInputSchema,
  scheduleReplacementSchema,
  scheduleRunSchema,
  scheduleSchema,
  schedulesSchema,
} from '../../../../protocol/api/automation/schedules.ts'
import { readPlanRequest } from '../../../../protocol/api/plan/read-plan-request.ts'
import type { AppContext } from '../../../app/context.ts'
import {
  createSchedule,
  pauseSchedule,
  putSchedule,
  readSchedule,
  readSchedules,
  removeSchedule,
  runSchedule,
  type ScheduleRecord,
} from '../../../app/timing/schedules.ts'

const tags = ['schedules']
const params = z.object({ name: z.string().min(1).max(64) })

/** Schedules: executions that start at the times of a cron expression. */
export function registerScheduleRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/schedules',
    {
      config: { access: [{ action: 'chandler:ListSchedules', on: 'schedule/*' }] },
      schema: { tags, summary: 'List the schedules', response: { 200: schedulesSchema } },
    },
    async ({ actor }) => ({ items: (await readSchedules(context, actor)).map(present) }),
  )

  routes.post(
    '/api/v1/schedules',
    {
      config: { access: [{ action: 'chandler:CreateSchedule', on: 'schedule/{body.name}' }] },
      schema: {
        tags,
        summary: 'Create a schedule',
        description:
          'Requires the permission to start `request`. Its executions start as its creator, with the permissions that the creator has then.',
        body: scheduleInputSchema,
        response: { 201: scheduleSchema },
      },
    },
    async ({ actor, body: { request, ...body } }, reply) =>
      reply
        .code(201)
        .send(present(await createSchedule(context, actor, { ...body, request: readPlanRequest(request) }))),
  )

  routes.get(
    '/api/v1/schedules/:name',
    {
      config: { access: [{ action: 'chandler:GetSchedule', on: 'schedule/{params.name}' }] },
      schema: { tags, summary: 'Get a schedule', params, response: { 200: scheduleSchema } },
    },
    async ({ actor, params: { name } }) => present(await readSchedule(context, actor, name)),
  )

  routes.put(
    '/api/v1/schedules/:name',
    {
      config: {
        access: [
          { action: 'chandler:CreateSchedule', on: 'schedule/{params.name}' },
          { action: 'chandler:UpdateSchedule', on: 'schedule/{params.name}' },
        ],
      },
      schema: {
        tags,
        summary: 'Create or replace a schedule',
        description:
          'Requires the permission to start `request`. Its executions start as the caller from now on. A paused schedule remains paused.',
        params: z.object({ name: scheduleInputSchema.shape.name }),
        body: scheduleReplacementSchema,
        response: { 200: scheduleSchema },
      },
    },
    async ({ actor, params: { name }, body: { request, ...body } }) =>
      present(await putSchedule(context, actor, { name, ...body, request: readPlanRequest(request) })),
  )

  routes.delete(
    '/api/v1/schedules/:name',
    {
      config: { access: [{ action: 'chandler:DeleteSchedule', on: 'schedule/{params.name}' }] },
      schema: {
        tags,
        summary: 'Delete a schedule; its executions remain',
        params,
        response: { 204: z.null().describe('Deleted') },
      },
    },
    async ({ actor, params: { name } }, reply) => {
      await removeSchedule(context, actor, name)
      return reply.code(204).send(null)
    },
  )

  for (const [control, action, summary] of [
    ['pause', 'chandler:PauseSchedule', 'Pause a schedule'],
    ['resume', 'chandler:ResumeSchedule', 'Resume a schedule; what was due meanwhile is not made up for'],
  ] as const)
    routes.post(
      `/api/v1/schedules/:name/${control}`,
      {
        config: { access: [{ action, on: 'schedule/{params.name}' }] },
        schema: { tags, summary, params, response: { 200: scheduleSchema } },
      },
      async ({ actor, params: { name } }) => present(await pauseSchedule(context, actor, name, control === 'pause')),
    )

  routes.post(
    '/api/v1/schedules/:name/run',
    {
      // Also requires the permission to start what it starts.
      config: { access: [{ action: 'chandler:RunSchedule', on: 'schedule/{params.name}' }] },
      schema: {
        tags,
        summary: 'Start the execution of a schedule now, as the caller',
        params,
        response: { 201: scheduleRunSchema },
      },
    },
    async ({ actor, params: { name } }, reply) =>
      reply.code(201).send({ executionId: await runSchedule(context, actor, name) }),
  )
}

function present({ schedule, request, secretNames, upcoming }: ScheduleRecord): z.input<typeof scheduleSchema> {
  return {
    name: schedule.name,
    cron: schedule.cron,
    timeZone: schedule.time_zone,
    onMissed: schedule.on_missed,
    onOverlap: schedule.on_overlap,
    operation: summariseRequest(request.operation),
    targets: renderSelector(request.targets),
    ...(request.window === undefined ? {} : { window: request.window }),
    request: { ...request, operation: hideSecrets(request.operation, secretNames) },
    secretParameters: Object.fromEntries(Object.entries(secretNames).map(([name, names]) => [name, [...names]])),
    paused: schedule.paused,
    waiting: schedule.waiting,
    upcoming: upcoming.map((ms) => new Date(ms).toISOString()),
    ...(schedule.last_at === null ? {} : { lastAt: schedule.last_at.toISOString() }),
    ...(schedule.last_outcome === null ? {} : { lastOutcome: schedule.last_outcome }),
    ...(schedule.last_failure === null ? {} : { lastFailure: schedule.last_failure }),
    ...(schedule.last_execution_id === null ? {} : { lastExecutionId: schedule.last_execution_id }),
    createdBy: schedule.created_by,
    createdAt: schedule.created_at.toISOString(),
  }
}
