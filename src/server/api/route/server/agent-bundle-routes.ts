import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ChandlerError, chandlerError } from '../../../../core/error/errors.ts'
import { type AgentArch, agentArchs, nameAgentProgram } from '../../../../core/instance/agent-program.ts'
import { type OsFamily, osFamilies } from '../../../../core/instance/facts.ts'
import type { FailedSignIns } from '../../../app/access/failed-sign-ins.ts'
import type { AgentBundle, AgentFile } from '../../../app/agent/agent-bundles.ts'
import { openAgentBundle } from '../../../app/agent/open-agent-bundle.ts'
import type { AppContext } from '../../../app/context.ts'
import { markProven } from '../../http/guard-connections.ts'
import { sendBytes } from '../../http/send-bytes.ts'

const noExecutable =
  'it has no executable of the agent, which machines without tar, gzip or sha256sum need; install these on the machine'

const noLibrary = 'its executable of the agent has no such library'

/** A peer that reads no byte for this long counts as disconnected. */
const idleTimeoutMs = 60_000

export type AgentBundleRouteContext = Pick<AppContext, 'agentBundles' | 'database' | 'clock' | 'log'>

/**
 * Serves the files that install.sh downloads. Without an access key: the join token authorises the
 * machine.
 */
export function registerAgentBundleRoutes(
  api: FastifyInstance,
  context: AgentBundleRouteContext,
  failed: FailedSignIns,
): void {
  const typed = api.withTypeProvider<ZodTypeProvider>()
  const options = {
    config: { open: true },
    exposeHeadRoute: false,
    schema: {
      hide: true,
      querystring: z.strictObject({ os: z.enum(osFamilies), arch: z.enum(agentArchs) }),
    },
  } as const
  const fileOptions = {
    ...options,
    schema: {
      ...options.schema,
      querystring: options.schema.querystring.extend({ library: z.string().max(100).optional() }),
    },
  }
  typed.get('/agent/bundle.tar.gz', options, async (request, reply) => {
    const { os, arch } = request.query
    const bundle = await openForToken(request, arch, os)
    const name = `chandler-agent-${bundle.version}-${os}-${arch}.tar.gz`
    return send(request, reply, bundle, { ...bundle, name, type: 'application/gzip' })
  })
  // The executable alone; with `library`, one file of the C library for systems that have none.
  typed.get('/agent/executable', fileOptions, async (request, reply) => {
    const { os, arch, library } = request.query
    const bundle = await openForToken(request, arch, os)
    const { executable } = bundle
    if (executable === undefined) throw chandlerError('AgentBundleUnavailable', { os, arch, reason: noExecutable })
    const file = library === undefined ? executable : executable.libraries.get(library)
    if (file === undefined) throw chandlerError('AgentBundleUnavailable', { os, arch, reason: noLibrary })
    const name = library ?? `chandler-agent-${bundle.version}-${os}-${arch}`
    reply.header('x-agent-libraries', [...executable.libraries.keys()].join(' '))
    return send(request, reply, bundle, { ...file, name, type: 'application/octet-stream' })
  })

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    bundle: AgentBundle,
    { sha256, sizeBytes, read, name, type }: AgentFile & { readonly name: string; readonly type: string },
  ): Promise<FastifyReply> {
    markProven(request)
    reply
      .header('content-type', type)
      .header('content-disposition', `attachment; filename="${name}"`)
      .header('etag', `"${sha256}"`)
      .header('x-content-sha256', sha256)
      .header('x-agent-program', nameAgentProgram(bundle.version, bundle))
      .header('cache-control', 'private, no-store, no-transform')
      .header('x-content-type-options', 'nosniff')
    reply.raw.setTimeout(idleTimeoutMs)
    await sendBytes(reply, read(), sizeBytes, (error) => context.log.error('sending an agent bundle failed', { error }))
    return reply
  }

  async function openForToken({ headers, ip }: FastifyRequest, arch: AgentArch, os: OsFamily): Promise<AgentBundle> {
    try {
      return await openAgentBundle(context, parseToken(headers.authorization), arch, os)
    } catch (error) {
      // A token that is used up or expired was valid once: its holder is not guessing.
      if (error instanceof ChandlerError && error.code === 'JoinTokenInvalid') failed.refuse({ source: ip })
      throw error
    }
  }
}

function parseToken(header: string | undefined): string {
  const [, token] = /^bearer +(ct_[\w-]{1,128}) *$/i.exec(header ?? '') ?? []
  if (token === undefined) throw chandlerError('JoinTokenInvalid', {})
  return token
}
