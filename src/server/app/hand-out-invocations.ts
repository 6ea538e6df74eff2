import { ChandlerError } from '../../core/errors.ts'
import type { InstanceId, InvocationId, ServerId } from '../../core/id.ts'
import type { Invocation } from '../../core/invocation.ts'
import {
  type HandedOut,
  handOutInvocations,
  listCancelledInvocations,
  listInstancesToNudge,
} from '../../store/invocations.ts'
import { applyReports } from './apply-reports.ts'
import { prepareHandOutAuthorisation } from './authorise-hand-out.ts'
import type { AppContext } from './context.ts'
import { loadRecipes, makeInvocation } from './make-invocation.ts'

export interface Work {
  readonly invocations: readonly Invocation[]
  /** What the instance should stop. */
  readonly cancelled: readonly InvocationId[]
}

/**
 * What these instances have to do: marked as sent before it is given out, so that "never handed out" is certain where it is said.
 * Recipes are looked up once per version and execution, not once per instance.
 */
export async function handOutWork(
  context: AppContext,
  instanceIds: readonly InstanceId[],
): Promise<Map<InstanceId, Work>> {
  const { database } = context
  const handedOut = await handOutInvocations(database, instanceIds)
  const cancelled = await listCancelledInvocations(database, instanceIds)
  const recipes = await loadRecipes(context, handedOut)
  const authorise = await prepareHandOutAuthorisation(context, handedOut)
  const work = new Map<InstanceId, { invocations: Invocation[]; cancelled: InvocationId[] }>(
    instanceIds.map((id) => [id, { invocations: [], cancelled: [] }]),
  )
  const broken: { one: HandedOut; error: unknown }[] = []
  for (const one of handedOut) {
    try {
      work.get(one.instanceId)?.invocations.push(await makeInvocation(context, one, recipes, authorise))
    } catch (error) {
      broken.push({ one, error })
    }
  }
  if (broken.length > 0) await endBroken(context, broken)
  for (const one of cancelled) work.get(one.instanceId)?.cancelled.push(one.id)
  return work
}

/** Whom of the instances connected to this server a nudge was lost for. */
export const findForgottenInstances = (
  { database }: Pick<AppContext, 'database'>,
  serverId: ServerId,
): Promise<InstanceId[]> => listInstancesToNudge(database, serverId)

/**
 * What cannot be put together (its version was deleted by force, say) or may not be given to the instance ends here, and keeps nobody
 * from other work. What was handed out before may be with the agent: until it is heard of, nobody knows what became of it.
 */
async function endBroken(context: AppContext, broken: readonly { one: HandedOut; error: unknown }[]): Promise<void> {
  for (const { one, error } of broken)
    if (!isRefused(error))
      context.log.error('an invocation cannot be handed out', { invocationId: one.id, error: String(error) })
  await applyReports(
    context,
    broken.map(({ one, error }) => ({
      kind: 'end',
      instanceId: one.instanceId,
      invocationId: one.id,
      outcome: {
        state: one.wasSent ? 'lost' : 'failed',
        reasonCode: isRefused(error) ? 'AccessDenied' : 'NoConfiguration',
        reason: one.wasSent
          ? `It was handed out, the instance did not say that it has it, and it cannot be handed out again: ${describe(error)}.`
          : `It cannot be handed out: ${describe(error)}. Nothing happened on the instance.`,
      },
      stdoutBytes: 0,
      stderrBytes: 0,
      cutBytes: 0,
    })),
  )
}

const isRefused = (error: unknown) => error instanceof ChandlerError && error.code === 'AccessDenied'
const describe = (error: unknown) => (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
