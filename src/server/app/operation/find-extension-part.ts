import { chandlerError } from '../../../core/error/errors.ts'
import type { OperationPart } from '../../../core/execution/operation.ts'
import {
  type ExtensionVersion,
  type ParameterDeclarations,
  type ParameterValues,
  showVersion,
} from '../../../core/extension/extension.ts'
import { validateParameters } from '../../../core/extension/parameter.ts'
import { findRefusedScript, type RefusedScript, renderRefusal } from '../../../core/extension/validate-version.ts'
import type { ExtensionId } from '../../../core/id.ts'
import type { PlannedRequest } from '../../../core/plan/plan.ts'
import type { Connection } from '../../../store/database/database.ts'
import { listTemplatedVersions } from '../../../store/extension/extension-versions.ts'
import { getDeletedExtension, getExtensionByName } from '../../../store/extension/extensions.ts'
import { requireSecrets } from '../access/secret/secrets.ts'
import type { Actor } from '../context.ts'
import { digestConfigurations } from '../extension/digest-configuration.ts'
import { resolveVersion } from '../extension/resolve-version.ts'
import {
  createParameterSets,
  type DeclaredValuesOf,
  type InstalledValuesOf,
  nothingDeclared,
  type ParameterSets,
  type PlanContext,
  type RequestedPart,
} from '../plan/parameter-sets.ts'
import { refuseAutoremove } from './refuse-autoremove.ts'

/** A requested extension, loaded. */
export interface FoundPart {
  readonly part: OperationPart
  /** Absent for uninstall. */
  readonly version: ExtensionVersion | undefined
  readonly secret: ParameterValues
  /** The request and its values, once the targets' installed values are known. */
  readonly request: (
    installedValuesOf: InstalledValuesOf,
    declaredValuesOf: DeclaredValuesOf,
  ) => {
    readonly request: PlannedRequest
    readonly sets: ParameterSets
  }
}

/**
 * @throws ExtensionNotFound, VersionNotFound, VersionDeprecated, and errors of the parameters
 */
export async function findExtensionPart(
  context: PlanContext,
  actor: Pick<Actor, 'accountId'>,
  requested: RequestedPart,
): Promise<FoundPart> {
  const { database } = context
  if (requested.action === 'uninstall' && requested.reinstall)
    throw chandlerError('RequestInvalid', { reason: 'reinstall is an option of install and update only' })
  refuseAutoremove(requested)
  const extension =
    (await getExtensionByName(database, actor.accountId, requested.extension)) ??
    // An extension that was deleted while instances had it can still be uninstalled.
    (requested.action === 'uninstall'
      ? await getDeletedExtension(database, actor.accountId, requested.extension)
      : undefined)
  if (!extension) throw chandlerError('ExtensionNotFound', { name: requested.extension })
  const version = await findVersion(database, actor, requested, extension.id)
  if (version) refuseScripts(version)
  const refusedUninstalls = await findRefusedUninstalls(database, actor, extension.id)
  const declarations = version?.parameters ?? {}
  refuseParameters(declarations, requested)
  await requireSecrets(database, actor, requested.parameters)
  const createSets = (installedValuesOf: InstalledValuesOf, declaredValuesOf: DeclaredValuesOf) =>
    createParameterSets(context, declarations, requested, installedValuesOf, (instanceId) =>
      declaredValuesOf(extension.name, instanceId),
    )
  const { own } = createSets(
    () => ({ open: {}, secret: {} }),
    () => nothingDeclared,
  )
  return {
    part: {
      extensionId: extension.id,
      extensionName: extension.name,
      version: version?.version ?? 0,
      parameters: own.open,
      parametersDigest: own.parametersDigest,
      given: Object.keys(requested.parameters),
      ...(requested.resetParameters ? { resetParameters: true } : {}),
    },
    version,
    secret: own.secret,
    request: (installedValuesOf, declaredValuesOf) => {
      const sets = createSets(installedValuesOf, declaredValuesOf)
      const { action } = requested
      const request: PlannedRequest =
        version && action !== 'uninstall'
          ? {
              action,
              version,
              valuesFor: sets.valuesFor,
              contentDigests: digestConfigurations(version.configurations),
              reinstall: requested.reinstall,
              refusedUninstalls,
            }
          : { action: 'uninstall', refusedUninstalls }
      return { request, sets }
    },
  }
}

/**
 * A version that predates stricter rules fails here for all targets, instead of on each instance.
 */
function refuseScripts({ extensionName, version, configurations, parameters }: ExtensionVersion): void {
  for (const configuration of configurations) {
    const refusal = findRefusedScript(configuration, parameters)
    if (refusal !== undefined) {
      const reason = `${showVersion(version)} of ${extensionName} cannot be run, configuration ${configuration.id}, ${renderRefusal(refusal)}. Create a version without it`
      throw chandlerError('RequestInvalid', { reason })
    }
  }
}

async function findRefusedUninstalls(
  database: Connection,
  { accountId }: Pick<Actor, 'accountId'>,
  extensionId: ExtensionId,
): Promise<ReadonlyMap<string, RefusedScript>> {
  const versions = await listTemplatedVersions(database, accountId, extensionId)
  return new Map(
    versions.flatMap(({ version, configurations, parameters }) =>
      configurations.flatMap((configuration) => {
        const refusal = findRefusedScript(configuration, parameters, 'uninstall')
        return refusal === undefined ? [] : [[`${version}/${configuration.id}`, refusal] as const]
      }),
    ),
  )
}

async function findVersion(
  database: Connection,
  actor: Pick<Actor, 'accountId'>,
  requested: RequestedPart,
  extensionId: ExtensionId,
): Promise<ExtensionVersion | undefined> {
  if (requested.action === 'uninstall') {
    if (requested.version === undefined) return undefined
    const reason = 'uninstall takes no version: what is removed is what each instance has'
    throw chandlerError('RequestInvalid', { reason })
  }
  const extension = { id: extensionId, name: requested.extension }
  const version = await resolveVersion(database, actor, extension, requested.version)
  if (version.deprecated)
    throw chandlerError('VersionDeprecated', { name: requested.extension, version: showVersion(version.version) })
  return version
}

/** Missing values are known only after the targets' installed values are. */
function refuseParameters(declarations: ParameterDeclarations, { action, parameters }: RequestedPart): void {
  const validation = validateParameters(declarations, action, parameters)
  if (!('problems' in validation)) return
  const wrong = validation.problems.filter(({ code }) => code !== 'ParameterMissing')
  const [first] = wrong
  if (!first) return
  const problems = wrong.map(({ name, message }) => ({
    path: `parameters.${name}`,
    message: `parameter ${name} ${message}`,
  }))
  throw chandlerError(first.code, { name: first.name, reason: first.message }, { problems })
}
