import type { Artifact, Configuration } from '../../../core/extension/extension.ts'
import type { InstanceId, InvocationId } from '../../../core/id.ts'
import { maxReasonLength } from '../../../core/limits.ts'
import { listAdmitted } from '../../../store/instance/admissions.ts'
import { getOpenHandedOut } from '../../../store/report/invocations.ts'
import { prepareHandOutAuthorisation } from '../agent/authorise-hand-out.ts'
import { executionOf, loadHandOutInputs } from '../agent/hand-out-inputs.ts'
import type { AppContext } from '../context.ts'
import { explainFault } from '../execution/explain-fault.ts'
import { makeInvocation } from '../operation/operations.ts'

/** An agent's request for an artifact of one of its invocations. */
export interface ArtifactUrlRequest {
  readonly instanceId: InstanceId
  readonly invocationId: InvocationId
  readonly sha256: string
}

/** The URL, or why it is refused. */
export type ArtifactAnswer = { readonly url: string } | { readonly refused: string }

/**
 * A new URL for an artifact that an open invocation of the instance uses: the requested one, or the
 * installed one, which may have to be restored. Permissions of the instance's role and its
 * admission are checked again, as at the hand-out.
 */
export async function findArtifactUrl(
  context: AppContext,
  { instanceId, invocationId, sha256 }: ArtifactUrlRequest,
): Promise<ArtifactAnswer> {
  if (!(await listAdmitted(context.database, [instanceId])).has(instanceId))
    return { refused: 'This instance is not admitted: it is given nothing until an operator decides.' }
  const one = await getOpenHandedOut(context.database, instanceId, invocationId)
  if (!one) return { refused: 'The server no longer waits for this invocation.' }
  const inputs = await loadHandOutInputs(context, [one])
  const execution = executionOf(inputs.executions, one)
  const authorise = await prepareHandOutAuthorisation(context, [one])
  try {
    const invocation = await makeInvocation(context, { one, execution, inputs, authorise })
    const { wanted, installed, extensionName, artifactUrl } = invocation
    // Authorised with the invocation. The bundle of an agent is not in the object store.
    if (artifactUrl !== undefined && artifactOf(wanted?.configuration)?.sha256 === sha256) return { url: artifactUrl }
    const artifact = [wanted, installed]
      .map((wantedOrInstalled) => artifactOf(wantedOrInstalled?.configuration))
      .find((a) => a?.sha256 === sha256)
    if (!artifact) return { refused: 'This is not the artifact of what is wanted or installed.' }
    authorise(one, extensionName, artifact)
    return { url: await context.artifactUrl(artifact.sha256, artifact.fileName) }
  } catch (error) {
    const known = explainFault(error)
    if (known?.code !== 'AccessDenied') throw error
    return { refused: known.message.slice(0, maxReasonLength) }
  }
}

const artifactOf = (configuration: Configuration | undefined): Artifact | undefined => configuration?.artifact
