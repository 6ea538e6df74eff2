import { ChandlerError } from '../../../core/error/errors.ts'
import type { ParameterValues } from '../../../core/extension/extension.ts'
import { type BootProfile, bootRetryMs } from '../../../core/instance/boot-profile.ts'
import { defaultDeliveryTimeoutMs } from '../../../core/limits.ts'
import { type DueBoot, listDueBoots, setBootExecution, setBootFailure } from '../../../store/instance/boot-profiles.ts'
import type { AppContext } from '../context.ts'
import { startExecution } from '../execution/start-execution.ts'
import { openBootSecrets } from './boot-secrets.ts'

/** Instances per query: a fleet that joins at once is worked off in pieces. */
const pieceSize = 100

/**
 * Starts an execution for each instance that joined with a boot profile and is connected. Safe on
 * several servers and after a crash: the execution has a client token of the instance. A profile
 * that cannot be started keeps the reason, and is tried again later.
 * @param signal stops it between two instances
 */
export async function startBootProfiles(context: AppContext, signal: AbortSignal): Promise<void> {
  for (;;) {
    const due = await listDueBoots(context.database, pieceSize)
    for (const one of due) {
      if (signal.aborted) return
      await startBootProfile(context, one)
    }
    if (due.length < pieceSize) return
  }
}

async function startBootProfile(context: AppContext, due: DueBoot): Promise<void> {
  const { id: instanceId, accountId, joinToken } = due
  // The creator of the token had the permission to start this.
  const actor = { accountId, name: `join-token/${joinToken}`, source: 'server', policies: 'everything' } as const
  try {
    const { id } = await startExecution(context, actor, {
      operation: { kind: 'extensions', action: 'install', extensions: listRequested(context, due) },
      targets: { kind: 'ids', ids: [instanceId] },
      rateControl: {},
      mode: 'Automatic',
      clientToken: `boot-${instanceId}`,
      description: `Boot profile of ${joinToken}`,
      deliveryTimeoutMs: defaultDeliveryTimeoutMs,
    })
    await setBootExecution(context.database, instanceId, id)
  } catch (error) {
    if (!(error instanceof ChandlerError)) throw error
    const { code, message } = error
    context.log.warn('a boot profile could not be started', { instanceId, joinToken, code, reason: message })
    await setBootFailure(context.database, instanceId, { code, message }, bootRetryMs)
  }
  context.changed([`instances/${accountId}`])
}

function listRequested(
  { secrets }: Pick<AppContext, 'secrets'>,
  { joinToken, profile, sealed }: DueBoot,
): { extension: string; version?: string | undefined; parameters: ParameterValues }[] {
  const secret = openBootSecrets(secrets, sealed, joinToken)
  return (profile satisfies BootProfile).extensions.map(({ extension, version, parameters }, index) => ({
    extension,
    ...(version === undefined ? {} : { version }),
    parameters: { ...parameters, ...secret[index] },
  }))
}
