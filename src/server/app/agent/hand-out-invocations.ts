import { ChandlerError } from '../../../core/error/errors.ts'
import { handOutDelayMs } from '../../../core/execution/hand-out-retry.ts'
import { type Invocation, requiresSignature, withoutSignature } from '../../../core/execution/invocation.ts'
import type { InstanceId, InvocationId, ServerId } from '../../../core/id.ts'
import { makeReason } from '../../../core/reason/reason.ts'
import {
  type HandedOut,
  type HandOutFailure,
  listCancelledInvocations,
  listDueInvocations,
  listInstancesToNudge,
  markSent,
  noteHandOutFailures,
} from '../../../store/report/invocations.ts'
import type { AppContext } from '../context.ts'
import { makeInvocation } from '../operation/operations.ts'
import { keyOfPlace } from '../trust/plan-signatures.ts'
import { applyReports } from './apply-reports.ts'
import { prepareHandOutAuthorisation } from './authorise-hand-out.ts'
import { ConfigurationMissing, executionOf, loadHandOutInputs } from './hand-out-inputs.ts'

/** The work of one instance. */
export interface Work {
  readonly invocations: readonly Invocation[]
  /** Invocations that the instance should stop. */
  readonly cancelled: readonly InvocationId[]
  /**
   * Milliseconds until work that could not be prepared now may be requested again; undefined if
   * there is none.
   */
  readonly retryInMs?: number | undefined
}

/**
 * Hands out the work of these instances: prepares it, marks it as sent, then returns it, so that
 * "never handed out" is certain wherever it is reported. Configurations are loaded once per version
 * and execution, not once per instance.
 * @param checksSignatures whether the agent of an instance knows signature policies
 */
export async function handOutWork(
  context: AppContext,
  instanceIds: readonly InstanceId[],
  checksSignatures: (id: InstanceId) => boolean = () => true,
): Promise<Map<InstanceId, Work>> {
  const { database } = context
  const due = await listDueInvocations(database, instanceIds)
  const { made, failed } = await makeInvocations(context, due, checksSignatures)
  const sent =
    made.length > 0
      ? await markSent(
          database,
          made.map(({ invocation }) => invocation.id),
        )
      : new Set()
  const retries = await settleFailed(context, failed)
  const cancelled = await listCancelledInvocations(database, instanceIds)
  const work = new Map<InstanceId, { invocations: Invocation[]; cancelled: InvocationId[]; retryInMs?: number }>(
    instanceIds.map((id) => [id, { invocations: [], cancelled: [] }]),
  )
  for (const { instanceId, invocation } of made)
    if (sent.has(invocation.id)) work.get(instanceId)?.invocations.push(invocation)
  for (const { instanceId, delayMs } of retries) {
    const one = work.get(instanceId)
    if (one) one.retryInMs = Math.min(one.retryInMs ?? delayMs, delayMs)
  }
  for (const one of cancelled) work.get(one.instanceId)?.cancelled.push(one.id)
  return work
}

interface Failed {
  readonly one: HandedOut
  readonly error: unknown
}

async function makeInvocations(
  context: AppContext,
  due: readonly HandedOut[],
  checksSignatures: (id: InstanceId) => boolean,
) {
  const inputs = await loadHandOutInputs(context, due)
  const authorise = await prepareHandOutAuthorisation(context, due)
  const made: { instanceId: InstanceId; invocation: Invocation }[] = []
  const failed: Failed[] = []
  for (const one of due) {
    try {
      const execution = executionOf(inputs.executions, one)
      const signedPlan = inputs.plans.get(keyOfPlace(one))
      const invocation = {
        ...(await makeInvocation(context, { one, execution, inputs, authorise })),
        ...(signedPlan && { signedPlan }),
      }
      const { instanceId } = one
      if (checksSignatures(instanceId)) made.push({ instanceId, invocation })
      else if (requiresSignature(invocation)) failed.push({ one, error: new AgentTooOld() })
      else made.push({ instanceId, invocation: withoutSignature(invocation) })
    } catch (error) {
      failed.push({ one, error })
    }
  }
  return { made, failed }
}

/** An older agent would install the package without the check that its version requires. */
class AgentTooOld extends Error {
  override readonly name = 'AgentTooOld'
  constructor() {
    super('the version requires signed packages (signature: required), which the agent is too old to check; upgrade it')
  }
}

type Retry = HandOutFailure & { readonly instanceId: InstanceId }

/**
 * Ends work that can never be handed out; other failures stay queued and are retried with a growing
 * delay until the delivery timeout.
 */
async function settleFailed(context: AppContext, failed: readonly Failed[]): Promise<Retry[]> {
  const [permanent, temporary] = [failed.filter(isPermanent), failed.filter((one) => !isPermanent(one))]
  if (permanent.length > 0) await endPermanentFailures(context, permanent)
  if (temporary.length === 0) return []
  const retries = temporary.map(({ one: { id, instanceId, executionId, handOutFailures }, error }) => ({
    id,
    instanceId,
    executionId,
    reason: describe(error).slice(0, maxReasonLength),
    delayMs: handOutDelayMs(handOutFailures + 1, drawChance(context)),
  }))
  for (const { id, instanceId, executionId, reason, delayMs } of retries)
    context.log.warn('an invocation cannot be handed out now; it is retried', {
      executionId,
      invocationId: id,
      instanceId,
      error: reason,
      inMs: delayMs,
    })
  await noteHandOutFailures(context.database, retries)
  return retries
}

/** From 0 to 1, exclusive. */
const drawChance = ({ random }: AppContext) => Buffer.from(random(4)).readUInt32LE() / 2 ** 32

/** The instances connected to this server that lost a nudge. */
export const findForgottenInstances = (
  { database }: Pick<AppContext, 'database'>,
  serverId: ServerId,
): Promise<InstanceId[]> => listInstancesToNudge(database, serverId)

/**
 * Ends invocations that cannot be prepared (their version was force-deleted, say) or that the
 * instance may not get, so that they block no other work. The agent may have one that was handed
 * out before: its result is unknown until the agent reports it.
 */
async function endPermanentFailures(context: AppContext, failed: readonly Failed[]): Promise<void> {
  await applyReports(
    context,
    failed.map(({ one, error }) => ({
      kind: 'end',
      instanceId: one.instanceId,
      invocationId: one.id,
      outcome: {
        state: one.wasSent ? 'lost' : 'withdrawn',
        reasonCode: isRefused(error)
          ? 'AccessDenied'
          : error instanceof AgentTooOld
            ? 'Unsupported'
            : 'NoConfiguration',
        reason: one.wasSent
          ? makeReason('RepeatedHandOutRefused', { error: describe(error) })
          : makeReason('HandOutRefused', { error: describe(error) }),
      },
      stdoutBytes: 0,
      stderrBytes: 0,
      cutBytes: 0,
    })),
  )
}

const isPermanent = ({ error }: Failed) =>
  error instanceof ConfigurationMissing || error instanceof AgentTooOld || isRefused(error)
const isRefused = (error: unknown) => error instanceof ChandlerError && error.code === 'AccessDenied'
const describe = (error: unknown) => (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
const maxReasonLength = 512
