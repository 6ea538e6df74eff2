import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { ChandlerError } from '../../../../core/error/errors.ts'
import { maxEnrolBodyBytes } from '../../../../core/limits.ts'
import { enrolRequestSchema, enrolResponseSchema } from '../../../../protocol/agent-messages.ts'
import { agentPaths, enrolProof } from '../../../../protocol/agent-protocol.ts'
import type { FailedSignIns } from '../../../app/access/failed-sign-ins.ts'
import type { AppContext } from '../../../app/context.ts'
import { enrolInstance } from '../../../app/instance/enrol-instance.ts'

/** Enrols agents as instances. Open: the join token authorises the request. */
export function registerEnrolmentRoutes(
  api: FastifyInstance,
  context: Pick<AppContext, 'database' | 'random' | 'clock'>,
  failed: FailedSignIns,
): void {
  api.withTypeProvider<ZodTypeProvider>().post(
    agentPaths.enrol,
    {
      config: { open: true },
      bodyLimit: maxEnrolBodyBytes,
      schema: {
        tags: ['agents'],
        summary: 'Enrol an instance',
        description:
          'Used by agents. Enrolling the same key again returns the same instance and does not use up the token.',
        security: [],
        body: enrolRequestSchema,
        response: { 200: enrolResponseSchema },
      },
    },
    async ({ body, ip }) => {
      try {
        return await enrolInstance(
          context,
          {
            ...body,
            publicKey: Buffer.from(body.publicKey, 'base64'),
            proof: Buffer.from(body.proof, 'base64'),
            source: ip,
          },
          enrolProof,
        )
      } catch (error) {
        // A token that is used up or expired was valid once: its holder is not guessing.
        if (error instanceof ChandlerError && error.code === 'JoinTokenInvalid') failed.refuse({ source: ip })
        throw error
      }
    },
  )
}
