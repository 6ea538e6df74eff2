import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type PlanSignaturesView, planSignaturesSchema } from '../../../../protocol/api/plan/plan-signatures.ts'
import { signatureInputSchema } from '../../../../protocol/api/trust.ts'
import type { AppContext } from '../../../app/context.ts'
import { getPlanToSign, type PlanToSign } from '../../../app/trust/plan-signatures.ts'
import { addPlanSignature } from '../../../app/trust/sign-plan.ts'
import { presentApproval } from '../../present/present-execution.ts'
import { presentSignature } from '../../present/present-signature.ts'

const tags = ['executions']
const params = z.object({ id: z.string().min(1).max(64) })
const url = '/api/v1/executions/:id/plan-signatures'

/** Signatures of approvers over the plan of an execution. */
export function registerPlanSignatureRoutes(api: FastifyInstance, context: AppContext): void {
  const routes = api.withTypeProvider<ZodTypeProvider>()
  routes.get(
    url,
    {
      config: { access: [{ action: 'oos:ListExecutions', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Get the canonical bytes of the plan of an execution and their signatures',
        params,
        response: { 200: planSignaturesSchema },
      },
    },
    async ({ actor, params: { id } }) => present(await getPlanToSign(context, actor, id)),
  )

  routes.post(
    url,
    {
      config: { access: [{ action: 'chandler:ApproveExecution', on: 'execution/{params.id}' }] },
      schema: {
        tags,
        summary: 'Add the signature of an approver to the plan of an execution',
        description:
          'An SSH signature over the canonical bytes, in the namespace chandler-plan. When there are enough, the execution starts; the trust file of each instance decides whether their keys count.',
        params,
        body: signatureInputSchema,
        response: { 201: planSignaturesSchema },
      },
    },
    async ({ actor, params: { id }, body }, reply) => {
      await addPlanSignature(context, actor, id, body.signature)
      return reply.code(201).send(present(await getPlanToSign(context, actor, id)))
    },
  )
}

function present({ approval, signatures, instances, script, ...plan }: PlanToSign): PlanSignaturesView {
  const { keys } = approval
  const signed = new Set(signatures.map(({ publicKey }) => publicKey))
  return {
    ...plan,
    ...presentApproval(approval),
    signatures: signatures.map((one) => {
      const approver = keys?.find(({ publicKey }) => publicKey === one.publicKey)?.name
      return { ...presentSignature(one), ...(approver !== undefined && { approver }) }
    }),
    ...(keys && { missing: keys.filter(({ publicKey }) => !signed.has(publicKey)).map(({ name }) => name) }),
    instances: instances.map((ids) => [...ids]),
    ...(script !== undefined && { script }),
  }
}
