import { chandlerError } from '../../core/errors.ts'
import {
  type Action,
  type ExtensionVersion,
  type ParameterDeclarations,
  type ParameterValues,
  parseVersion,
} from '../../core/extension.ts'
import type { ExtensionId } from '../../core/id.ts'
import type { ExtensionWish, OperationPart } from '../../core/operation.ts'
import { canonicalParameters, splitSecrets, validateParameters } from '../../core/parameter.ts'
import type { PlanRequest } from '../../core/plan.ts'
import type { Connection } from '../../store/database.ts'
import { getExtensionVersion, getNewestInstallableVersion } from '../../store/extension-versions.ts'
import { getExtensionByName } from '../../store/extensions.ts'
import type { Actor, AppContext, SecretDigests } from './context.ts'

/** An extension that was asked for, found. */
export interface FoundPart {
  readonly part: OperationPart
  /** Absent for uninstall. */
  readonly version: ExtensionVersion | undefined
  readonly secret: ParameterValues
  readonly request: PlanRequest
}

/** What planning needs. The connection may be that of a transaction. */
export interface PlanContext extends Pick<AppContext, 'digests'> {
  readonly database: Connection
}

type Wish = ExtensionWish & { readonly action: Action }

/** @throws ExtensionNotFound, VersionNotFound, VersionDeprecated, and what is wrong with the parameters */
export async function findExtensionPart(
  { database, digests }: PlanContext,
  actor: Pick<Actor, 'accountId'>,
  wish: Wish,
): Promise<FoundPart> {
  const extension = await getExtensionByName(database, actor.accountId, wish.extension)
  if (!extension) throw chandlerError('ExtensionNotFound', { name: wish.extension })
  const version = await findVersion(database, actor, wish, extension.id)
  const { open, secret, digest } = findParameters(digests, version?.parameters ?? {}, wish)
  return {
    part: {
      extensionId: extension.id,
      extensionName: extension.name,
      version: version?.version ?? 0,
      parameters: open,
      parametersDigest: digest,
    },
    version,
    secret,
    request: version
      ? { action: wish.action as 'install' | 'update', version, parametersDigest: digest }
      : { action: 'uninstall' },
  }
}

async function findVersion(
  database: Connection,
  actor: Pick<Actor, 'accountId'>,
  wish: Wish,
  extensionId: ExtensionId,
): Promise<ExtensionVersion | undefined> {
  if (wish.action === 'uninstall') {
    if (wish.version === undefined) return undefined
    const reason = 'uninstall takes no version: what is removed is what each instance has'
    throw chandlerError('RequestInvalid', { reason })
  }
  if (wish.version === undefined) {
    const newest = await getNewestInstallableVersion(database, actor.accountId, extensionId)
    if (!newest) throw chandlerError('VersionDeprecated', { name: wish.extension, version: 'of every number' })
    return newest
  }
  const number = parseVersion(wish.version)
  const version =
    number === undefined ? undefined : await getExtensionVersion(database, actor.accountId, extensionId, number)
  if (!version) throw chandlerError('VersionNotFound', { name: wish.extension, version: wish.version })
  if (version.deprecated) throw chandlerError('VersionDeprecated', { name: wish.extension, version: wish.version })
  return version
}

function findParameters(digests: SecretDigests, declarations: ParameterDeclarations, { action, parameters }: Wish) {
  const validation = validateParameters(declarations, action, parameters)
  if ('problems' in validation) {
    const [first] = validation.problems
    const problems = validation.problems.map(({ name, message }) => ({
      path: `parameters.${name}`,
      message: `parameter ${name} ${message}`,
    }))
    if (first?.code === 'ParameterMissing') throw chandlerError('ParameterMissing', { name: first.name }, { problems })
    throw chandlerError(
      first?.code ?? 'ParameterInvalid',
      { name: first?.name ?? '', reason: first?.message ?? '' },
      { problems },
    )
  }
  const { open, secret } = splitSecrets(declarations, validation.values)
  return { open, secret, digest: digests.of(canonicalParameters(validation.values)) }
}
