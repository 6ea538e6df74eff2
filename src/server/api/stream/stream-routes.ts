import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { maxStreamTopics } from '../../../core/limits.ts'
import { nameTopic, parseTopic, renderTopic, type Topic } from '../../../protocol/api/streams.ts'
import type { Actor } from '../../app/context.ts'
import { readStatus } from '../../app/execution/read-executions.ts'
import { authoriseAccess } from '../http/authorisation.ts'
import { explainAndLog } from '../http/error-handling.ts'
import { makeProblem } from '../http/problem.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import { streamExecution } from './follow-execution.ts'
import { streamLists } from './follow-lists.ts'
import { streamOutput } from './follow-output.ts'
import type { StreamContext, TopicStream } from './stream-context.ts'
import { topicAccess } from './topic-access.ts'

const topicsSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat())
  .pipe(
    z
      .array(
        z.string().transform((text, context): Topic => {
          const topic = parseTopic(text)
          if (topic) return topic
          context.addIssue(
            'must be "lists", "execution/<id>", "output/<id>" or "output/<id>/<instance id>", optionally followed by "@<place>"',
          )
          return z.NEVER
        }),
      )
      .min(1)
      .max(maxStreamTopics)
      .refine((topics) => new Set(topics.map(nameTopic)).size === topics.length, 'names a topic twice'),
  )

/**
 * Several streams over one connection, because a browser opens at most six connections to a server.
 * The server keeps no state between two connections: a client that wants other topics opens another
 * one, which continues each topic at its position.
 */
export function registerStreamRoutes(api: FastifyInstance, context: StreamContext): void {
  api.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/streams',
    {
      // The stream does not end by itself, and HEAD would wait for its end.
      exposeHeadRoute: false,
      // Each topic is authorised like its own route; a refusal is an event of that topic.
      config: { access: 'any-user' },
      schema: {
        tags: ['events'],
        summary: 'Follow several topics over one connection (server-sent events)',
        description:
          `Topics, up to ${maxStreamTopics}: \`lists\` (as GET /events), \`execution/<id>\` (as GET /executions/{id}/events), ` +
          '`output/<id>` and `output/<id>/<instance id>` (as GET /executions/{id}/output/follow), with the events of those routes. ' +
          'The id of an event is its topic, followed by `@<place>`. Send it as `topic` to resume after that event. ' +
          'The event `refused` ends a topic with a problem document; `end` ends a topic that is complete. Other topics continue.',
        querystring: z.strictObject({ topic: topicsSchema }),
      },
    },
    async (request, reply) => {
      const topics = request.query.topic.map((topic) => ({ topic, stop: new AbortController() }))
      const refuse = async (stream: EventStream, topic: Topic, error: unknown) => {
        const explained = explainAndLog(error, request, context.log)
        // The topic did not cause the error, and it may be temporary: the client reconnects.
        if (explained.status >= 500) return stream.end()
        await stream.send('refused', makeProblem(explained, request.id), nameTopic(topic))
      }
      const stream = openEventStream(request, reply, context, async (actor) => {
        for (const { topic, stop } of topics) {
          try {
            await authoriseTopic(context, request, actor, topic)
          } catch (error) {
            stop.abort(error)
          }
        }
      })
      const followOne = async ({ topic, stop }: (typeof topics)[number]) => {
        const signal = AbortSignal.any([stream.signal, stop.signal])
        const own: TopicStream = {
          signal,
          send: async (name, data, place) => {
            if (!signal.aborted) await stream.send(name, data, renderTopic({ ...topic, place }))
          },
        }
        try {
          await authoriseTopic(context, request, request.actor, topic)
          await follow(context, request.actor, topic, own)
          signal.throwIfAborted()
        } catch (error) {
          if (!stream.signal.aborted) await refuse(stream, topic, error)
        }
      }
      await Promise.all(topics.map(followOne))
      stream.end()
    },
  )
}

async function authoriseTopic(
  context: StreamContext,
  request: FastifyRequest,
  actor: Actor,
  topic: Topic,
): Promise<void> {
  const params = topic.kind === 'lists' ? {} : { id: topic.id }
  await authoriseAccess(context, topicAccess[topic.kind], { params, body: request.body, actor })
}

async function follow(context: StreamContext, actor: Actor, topic: Topic, stream: TopicStream): Promise<void> {
  const { place } = topic
  switch (topic.kind) {
    case 'lists':
      return await streamLists(context, actor, { place, stream })
    case 'execution':
      await readStatus(context, actor, topic.id)
      return await streamExecution(context, actor, { id: topic.id, place, stream })
    case 'output': {
      const { id, instanceId } = topic
      await readStatus(context, actor, id)
      return await streamOutput(context, actor, { id, instanceId, place, stream })
    }
  }
}
