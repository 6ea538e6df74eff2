import { chandlerError } from '../../../core/error/errors.ts'
import { partsOf } from '../../../core/execution/operation/operations.ts'
import type { RequestedExtension } from '../../../core/execution/operation.ts'
import { showVersion } from '../../../core/extension/extension.ts'
import { type InstanceId, makeRecordedStateId } from '../../../core/id.ts'
import type { PlannedTarget } from '../../../core/plan/plan.ts'
import { renderEnglishReason } from '../../../core/reason/english-reasons.ts'
import type { Connection } from '../../../store/database/database.ts'
import { type ExtensionRow, lockExtension } from '../../../store/extension/extensions.ts'
import { deleteInstalledState, upsertInstalledState } from '../../../store/instance/installed-states.ts'
import { authoriseObject } from '../access/object-access.ts'
import { writeAudit } from '../access/write-audit.ts'
import type { Actor, AppContext } from '../context.ts'
import { findInstanceIds } from '../instance/get-instance.ts'
import { makePlan } from '../plan/make-plan.ts'

export interface RecordedState {
  /** Its own id, or its cloud's. */
  readonly instance: string
  /** `install`: the instance has it now. `uninstall`: it does not. */
  readonly action: 'install' | 'uninstall'
  /** For an uninstall only the name is used. */
  readonly requested: RequestedExtension
}

/**
 * Changes the server's installed state of an instance, as declared by a user who changed the
 * instance. It can only be a state that a plan could produce: an existing version that is in scope
 * and has a configuration for it, with valid parameters. The instance's own record takes
 * precedence: its agent decides by it, and its next report about the extension replaces this state.
 * @throws InstanceNotFound, InstanceAmbiguous, ExtensionNotFound, VersionNotFound,
 * VersionDeprecated, VersionNotApplicable, and errors of the parameters
 */
export async function recordInstalledState(context: AppContext, actor: Actor, recorded: RecordedState): Promise<void> {
  const isNews = await context.database.transaction().execute(async (transaction) => {
    const ids = await findInstanceIds({ database: transaction }, actor, [recorded.instance])
    const [instanceId] = [...ids.values()] as [InstanceId]
    await authoriseObject({ ...context, database: transaction }, actor, {
      action: 'oos:UpdateInstancePackageState',
      kind: 'instance',
      id: instanceId,
    })
    // Prevents the deletion of the extension meanwhile.
    const extension = await lockExtension(transaction, actor.accountId, recorded.requested.extension, 'use')
    if (!extension) throw chandlerError('ExtensionNotFound', { name: recorded.requested.extension })
    const detail =
      recorded.action === 'install'
        ? await putState(context, transaction, actor, instanceId, recorded.requested)
        : await dropState(transaction, actor, instanceId, extension)
    if (detail) await writeAudit(transaction, actor, 'TellInstalledState', `instance/${instanceId}`, detail)
    return detail !== undefined
  })
  if (isNews) context.changed([`instances/${actor.accountId}`])
}

type Detail = Readonly<Record<string, unknown>>

/** Undefined if it was known already. */
async function putState(
  context: AppContext,
  connection: Connection,
  actor: Actor,
  instanceId: InstanceId,
  requested: RequestedExtension,
): Promise<Detail | undefined> {
  // The permission for the instance was checked; nothing is started.
  const { operation, sets, planned } = await makePlan(
    { ...context, database: connection },
    { ...actor, policies: 'everything' },
    {
      operation: { kind: 'extension', action: 'install', ...requested },
      targets: { kind: 'ids', ids: [instanceId] },
      rateControl: {},
    },
  )
  const [target] = planned
  const [part] = partsOf(operation)
  if (!part || !target) throw new Error('a plan for one extension on one instance has another shape')
  if (target.step === 'none' || target.step === 'verify') return undefined
  const { extensionId, extensionName, version } = part
  const executionId = makeRecordedStateId(context.random)
  const set = sets[0]?.get(target.parameterSet)
  if (!set) throw new Error('a plan for an extension has no values')
  const { open: parameters, secret, parametersDigest } = set
  const isThere = await upsertInstalledState(connection, actor.accountId, {
    instanceId,
    extensionId,
    version,
    configurationId: findConfigurationId(target, extensionName, version),
    parametersDigest,
    parameters,
    secretParametersSealed:
      Object.keys(secret).length === 0
        ? undefined
        : context.secrets.seal(JSON.stringify(secret), `execution/${executionId}`),
    executionId,
  })
  if (!isThere) throw chandlerError('InstanceNotFound', { id: instanceId })
  return { action: 'install', extension: extensionName, version: showVersion(version) }
}

function findConfigurationId(target: PlannedTarget, name: string, version: number) {
  const { configurationId, instanceId } = target
  if (configurationId !== undefined) return configurationId
  const reason = renderEnglishReason(target.reason)
  throw chandlerError('VersionNotApplicable', { name, version: showVersion(version), id: instanceId, reason })
}

/** Undefined if no state was known. */
async function dropState(
  connection: Connection,
  { accountId }: Actor,
  instanceId: InstanceId,
  { id, name }: ExtensionRow,
): Promise<Detail | undefined> {
  const version = await deleteInstalledState(connection, accountId, instanceId, id)
  return version === undefined ? undefined : { action: 'uninstall', extension: name, version: showVersion(version) }
}
