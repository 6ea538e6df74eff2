/**
 * Refuses filters that name unknown objects of the account: an empty result would suggest that
 * nothing matches.
 */
import { chandlerError } from '../../../core/error/errors.ts'
import { showVersion } from '../../../core/extension/extension.ts'
import type { ExecutionId } from '../../../core/id.ts'
import { everyInstance } from '../../../core/instance/group.ts'
import { type FilterToken, parseInstanceFilter } from '../../../core/instance/instance-filter.ts'
import type { ResolvedTargets, Targets } from '../../../core/plan/targets.ts'
import { getPrincipalRow } from '../../../store/access/principals.ts'
import { getGroupRow } from '../../../store/instance/groups.ts'
import {
  isInstalledSomewhere,
  isKnownGroup,
  isKnownInstance,
  isKnownParent,
  isNamedByExecution,
  listKnownExtensions,
  listTaskInstances,
} from '../../../store/plan/known-names.ts'
import type { Actor, AppContext } from '../context.ts'
import type { ExecutionSelection } from '../execution/read-executions.ts'

type Reading = Pick<AppContext, 'database'>
type Account = Pick<Actor, 'accountId'>

/** @throws ExtensionNotFound, VersionNotFound, ResourceGroupNotFound, RoleNotFound */
export async function requireKnownTokens(
  context: Reading,
  account: Account,
  tokens: readonly FilterToken[],
): Promise<void> {
  const wanted = tokens.flatMap((token) =>
    'extension' in token && token.extension !== undefined
      ? // A version to compare with need not exist.
        [{ name: token.extension, version: token.comparison === undefined ? token.version : undefined }]
      : [],
  )
  await requireExtensions(context, account, wanted)
  for (const token of tokens) {
    // A substring need not be a name, and excluding an unknown group is correct.
    if (!('value' in token) || token.value === '' || token.operator !== '=') continue
    if (token.property === 'group') await requireGroup(context, account, token.value)
    if (token.property === 'role') await requireRole(context, account, token.value)
  }
}

/**
 * Targets with the conditions of a group instead of its name.
 * @throws GroupNotFound, and errors of `requireKnownTokens`
 */
export async function resolveTargets(context: Reading, account: Account, targets: Targets): Promise<ResolvedTargets> {
  const resolved = targets.kind === 'savedGroup' ? await resolveGroup(context, account, targets.name) : targets
  if (resolved.kind === 'group') await requireGroup(context, account, resolved.group)
  const parsed = resolved.kind === 'filter' ? parseInstanceFilter(resolved.filter) : undefined
  if (parsed && 'tokens' in parsed) await requireKnownTokens(context, account, parsed.tokens)
  return resolved
}

async function resolveGroup({ database }: Reading, { accountId }: Account, name: string): Promise<ResolvedTargets> {
  const group = await getGroupRow(database, accountId, name)
  if (!group) throw chandlerError('GroupNotFound', { name })
  return group.filter === everyInstance ? { kind: 'all' } : { kind: 'filter', filter: group.filter }
}

/** @throws ExtensionNotFound, ResourceGroupNotFound, ExecutionNotFound, InstanceNotFound */
export async function requireKnownSelection(
  context: Reading,
  account: Account,
  { extension, resourceGroup, parentExecutionId, instanceId }: ExecutionSelection,
): Promise<void> {
  const { database } = context
  const { accountId } = account
  if (extension !== undefined) {
    const [known] = await listKnownExtensions(database, accountId, [extension])
    if (!known && !(await isNamedByExecution(database, accountId, extension)))
      throw chandlerError('ExtensionNotFound', { name: extension })
  }
  if (resourceGroup !== undefined) await requireGroup(context, account, resourceGroup)
  if (parentExecutionId !== undefined && !(await isKnownParent(database, accountId, parentExecutionId)))
    throw chandlerError('ExecutionNotFound', { id: parentExecutionId })
  if (instanceId !== undefined && !(await isKnownInstance(database, accountId, instanceId)))
    throw chandlerError('InstanceNotFound', { id: instanceId })
}

/**
 * @throws TaskNotFound with the missing ones
 */
export async function requireTasks(
  { database }: Reading,
  id: ExecutionId,
  instanceIds: readonly string[],
): Promise<void> {
  const found = new Set(await listTaskInstances(database, id, instanceIds))
  const missing = instanceIds.filter((one) => !found.has(one))
  if (missing.length > 0) throw chandlerError('TaskNotFound', { id, task: missing.join(', ') }, { missing })
}

async function requireExtensions(
  { database }: Reading,
  { accountId }: Account,
  wanted: readonly { readonly name: string; readonly version: number | undefined }[],
): Promise<void> {
  if (wanted.length === 0) return
  const known = await listKnownExtensions(
    database,
    accountId,
    wanted.map(({ name }) => name),
  )
  for (const { name, version } of wanted) {
    const same = known.filter((one) => one.name === name)
    if (same.length === 0) throw chandlerError('ExtensionNotFound', { name })
    // The versions of a deleted extension are not stored; an instance may report one that was never
    // created here.
    const isMade =
      version === undefined || same.some(({ versionsMade }) => versionsMade === null || version <= versionsMade)
    if (!isMade && !(await isInstalledSomewhere(database, accountId, name, version)))
      throw chandlerError('VersionNotFound', { name, version: showVersion(version) })
  }
}

async function requireGroup({ database }: Reading, { accountId }: Account, group: string): Promise<void> {
  if (!(await isKnownGroup(database, accountId, group))) throw chandlerError('ResourceGroupNotFound', { group })
}

async function requireRole({ database }: Reading, { accountId }: Account, name: string): Promise<void> {
  if (!(await getPrincipalRow(database, accountId, 'role', name))) throw chandlerError('RoleNotFound', { name })
}
