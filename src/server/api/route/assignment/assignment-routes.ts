import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  assignmentInputSchema,
  assignmentReplacementSchema,
  assignmentSchema,
  assignmentsSchema,
} from '../../../../protocol/api/assignment/assignments.ts'
import {
  continueAssignment,
  putAssignment,
  readAssignment,
  readAssignments,
  removeAssignment,
  stopAssignment,
} from '../../../app/assignment/assignments.ts'
import type { AppContext } from '../../../app/context.ts'
import { presentAssignment } from '../../present/present-assignment.ts'

const tags = ['assignments']
const params = z.object({ name: z.string().min(1).max(64) })

/** Assignments: what the instances of a group should have. */
export function registerAssignmentRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()

  routes.get(
    '/api/v1/assignments',
    {
      config: { access: [{ action: 'oos:ListStateConfigurations', on: 'assignment/*' }] },
      schema: { tags, summary: 'List assignments', description: 'By name.', response: { 200: assignmentsSchema } },
    },
    async ({ actor }) => ({ items: (await readAssignments(context, actor)).map(presentAssignment) }),
  )

  routes.get(
    '/api/v1/assignments/:name',
    {
      config: { access: [{ action: 'oos:GetStateConfiguration', on: 'assignment/{params.name}' }] },
      schema: { tags, summary: 'Get an assignment', params, response: { 200: assignmentSchema } },
    },
    async ({ actor, params: { name } }) => presentAssignment(await readAssignment(context, actor, name)),
  )

  routes.post(
    '/api/v1/assignments',
    {
      config: { access: [{ action: 'oos:CreateStateConfiguration', on: 'assignment/{body.name}' }] },
      schema: {
        tags,
        summary: 'Create an assignment',
        description:
          'The server starts executions until the instances of the group are as desired, and whenever one differs. The executions have the permissions of the user who created or changed the assignment last; starting them needs `oos:StartExecution`. The response lists contradictions with other assignments.',
        body: assignmentInputSchema,
        response: { 201: assignmentSchema },
      },
    },
    async ({ actor, body }, reply) =>
      reply
        .code(201)
        .send(presentAssignment(await putAssignment(context, actor, withAbsent(body), { replaces: false }))),
  )

  routes.put(
    '/api/v1/assignments/:name',
    {
      config: {
        access: [
          { action: 'oos:CreateStateConfiguration', on: 'assignment/{params.name}' },
          { action: 'oos:UpdateStateConfiguration', on: 'assignment/{params.name}' },
        ],
      },
      schema: {
        tags,
        summary: 'Create or replace an assignment',
        params: z.object({ name: assignmentInputSchema.shape.name }),
        body: assignmentReplacementSchema,
        response: { 200: assignmentSchema },
      },
    },
    async ({ actor, params: { name }, body: { keepSecrets, ...body } }) =>
      presentAssignment(
        await putAssignment(context, actor, withAbsent({ name, ...body }), { replaces: true, keepSecrets }),
      ),
  )

  for (const [control, summary, description, run] of [
    [
      'halt',
      'Halt an assignment',
      'It starts nothing until it is resumed. An open execution continues.',
      stopAssignment,
    ],
    [
      'resume',
      'Resume an assignment',
      'Earlier failures do not count any more, and what the group matches now is confirmed.',
      continueAssignment,
    ],
  ] as const)
    routes.post(
      `/api/v1/assignments/:name/${control}`,
      {
        config: { access: [{ action: 'oos:UpdateStateConfiguration', on: 'assignment/{params.name}' }] },
        schema: { tags, summary, description, params, response: { 200: assignmentSchema } },
      },
      async ({ actor, params: { name } }) => presentAssignment(await run(context, actor, name)),
    )

  routes.delete(
    '/api/v1/assignments/:name',
    {
      config: { access: [{ action: 'oos:DeleteStateConfigurations', on: 'assignment/{params.name}' }] },
      schema: {
        tags,
        summary: 'Delete an assignment',
        description: 'What its instances have remains, and an open execution continues.',
        params,
        response: { 204: z.null().describe('Deleted') },
      },
    },
    async ({ actor, params: { name } }, reply) => {
      await removeAssignment(context, actor, name)
      return reply.code(204).send(null)
    },
  )
}

const withAbsent = <Body extends { readonly version?: string | undefined; readonly window?: string | undefined }>(
  body: Body,
) => ({ ...body, version: body.version, window: body.window })
