/**
 * Serves the console at the server's address. Every navigation that matches no other route gets the
 * console's page, whose router selects the view. Built files have hashes in their names and never
 * change.
 */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ConsoleFiles } from './console-files.ts'
import { pageHeaders, scriptHeaders, waitingHeaders } from './console-headers.ts'
import { renderWaitingPage } from './waiting-page.ts'

const options = { config: { open: true }, schema: { hide: true } } as const
const yearSeconds = 365 * 86_400
/** An unknown path below one of these gets a 404 response instead of the console's page. */
const ofPrograms = /^\/(?:api|artifacts|agent)\//

export async function registerConsole(
  api: FastifyInstance,
  files: Pick<ConsoleFiles, 'state'>,
  folder: string,
): Promise<void> {
  await api.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: folder,
      serve: false,
      preCompressed: true,
      cacheControl: false,
      suppressWarning: true,
    })
    const sendPage = (reply: FastifyReply) => {
      const state = files.state()
      if (state.kind === 'ready') {
        return reply.headers(pageHeaders).header('cache-control', 'no-cache').sendFile('index.html', state.directory)
      }
      return reply
        .code(503)
        .headers(waitingHeaders)
        .header('retry-after', 2)
        .type('text/html; charset=utf-8')
        .send(renderWaitingPage(state))
    }
    const constraints = { surface: 'console' }
    scope.get('/', { ...options, constraints }, (_request, reply) => sendPage(reply))
    scope.get('/*', { ...options, constraints }, (request, reply) =>
      ofPrograms.test(request.url) ? reply.callNotFound() : sendPage(reply),
    )
    scope.get<{ Params: { '*': string } }>('/assets/*', options, ({ params }, reply) => {
      const state = files.state()
      if (state.kind !== 'ready') return reply.callNotFound()
      return reply
        .headers(scriptHeaders)
        .header('cache-control', `public, max-age=${yearSeconds}, immutable`)
        .sendFile(`assets/${params['*']}`, state.directory)
    })
  })
}
