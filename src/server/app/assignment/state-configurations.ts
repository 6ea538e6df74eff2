import type { ParameterValues } from '../../../core/extension/extension.ts'
import type { ExtensionId } from '../../../core/id.ts'
import { sha256Of } from '../../../lib/digest.ts'
import {
  type AssignmentRow,
  listAssignmentsOfGroup,
  type ShownStateConfiguration,
} from '../../../store/assignment/assignments.ts'
import { getExtensionByName } from '../../../store/extension/extensions.ts'
import { getGroupRow } from '../../../store/instance/groups.ts'
import type { Actor, AppContext } from '../context.ts'
import { changeGroup, createGroup, removeGroup } from '../instance/groups.ts'
import {
  type AssignmentRecord,
  putAssignment,
  readAssignment,
  readAssignments,
  removeAssignment,
} from './assignments.ts'

/** A group that exists, or the filter of a group that belongs to the state configuration. */
export type ConfiguredTargets = { readonly group: string } | { readonly filter: string }

/**
 * An assignment as the OOS API sees it; its id there is the name of the assignment. Targets that are
 * no group become one with the same name, which is deleted with it.
 */
export interface StateConfiguration extends AssignmentRecord {
  /** Undefined if the extension was deleted. */
  readonly extensionId: ExtensionId | undefined
}

export interface StateConfigurationRequest {
  /** The same token returns the same state configuration. */
  readonly clientToken: string | undefined
  readonly targets: ConfiguredTargets
  readonly description: string
  readonly extension: string
  /** `v3` or `latest`. */
  readonly version: string
  readonly parameters: ParameterValues
  readonly repair: boolean
  readonly shown: ShownStateConfiguration
}

/** By id. */
export async function readStateConfigurations(context: AppContext, actor: Actor): Promise<StateConfiguration[]> {
  const found: StateConfiguration[] = []
  for (const record of await readAssignments(context, actor)) found.push(await withExtension(context, record))
  return found
}

/** @throws what `putAssignment` and `createGroup` throw */
export async function createStateConfiguration(
  context: AppContext,
  actor: Actor,
  { clientToken, targets, shown, ...request }: StateConfigurationRequest,
): Promise<StateConfiguration> {
  const name =
    clientToken === undefined
      ? `sc-${Buffer.from(context.random(10)).toString('hex')}`
      : `sc-${sha256Of(`${actor.accountId} ${clientToken}`).slice(0, 20)}`
  const known = clientToken === undefined ? undefined : await findKnown(context, actor, name)
  if (known) return withExtension(context, known)
  const group = await putGroup(context, actor, name, targets)
  try {
    const assignment = {
      ...request,
      name,
      group,
      rateControl: {},
      window: undefined,
      priority: 0,
      stateConfiguration: shown,
    }
    return await withExtension(context, await putAssignment(context, actor, assignment, { replaces: false }))
  } catch (error) {
    await removeOwnGroup(context, actor, name)
    throw error
  }
}

/**
 * Changes the given fields; secret values remain unless parameters are given.
 * @throws what `putAssignment` and `changeGroup` throw
 */
export async function changeStateConfiguration(
  context: AppContext,
  actor: Actor,
  row: AssignmentRow,
  {
    targets,
    shown,
    ...change
  }: Partial<Pick<StateConfigurationRequest, 'description' | 'parameters' | 'repair' | 'targets'>> & {
    readonly shown: ShownStateConfiguration
  },
): Promise<StateConfiguration> {
  const { name } = row
  const group = targets === undefined ? row.group : await putGroup(context, actor, name, targets)
  const record = await putAssignment(
    context,
    actor,
    {
      ...row,
      version: row.version ?? undefined,
      window: row.window ?? undefined,
      ...change,
      group,
      stateConfiguration: shown,
    },
    { replaces: true, keepSecrets: change.parameters === undefined },
  )
  if (group !== name) await removeOwnGroup(context, actor, name)
  return withExtension(context, record)
}

/**
 * Deletes all of them or, if one does not exist, none.
 * @throws AssignmentNotFound
 */
export async function removeStateConfigurations(
  context: AppContext,
  actor: Actor,
  names: readonly string[],
): Promise<void> {
  const wanted = [...new Set(names)]
  for (const name of wanted) await readAssignment(context, actor, name)
  for (const name of wanted) {
    await removeAssignment(context, actor, name)
    await removeOwnGroup(context, actor, name)
  }
}

async function findKnown(context: AppContext, actor: Actor, name: string): Promise<AssignmentRecord | undefined> {
  return (await readAssignments(context, actor)).find(({ row }) => row.name === name)
}

const describeGroup = (name: string) => `Targets of the state configuration ${name}`

/** The name of the group: that of an existing one, or of its own, which is created or changed. */
async function putGroup(context: AppContext, actor: Actor, name: string, targets: ConfiguredTargets): Promise<string> {
  if ('group' in targets) return targets.group
  const { filter } = targets
  if (await getGroupRow(context.database, actor.accountId, name)) await changeGroup(context, actor, { name, filter })
  else await createGroup(context, actor, { name, filter, description: describeGroup(name) })
  return name
}

/** Only a group of a state configuration has such a name and description. */
async function removeOwnGroup(context: AppContext, actor: Actor, name: string): Promise<void> {
  const row = await getGroupRow(context.database, actor.accountId, name)
  if (row?.description !== describeGroup(name)) return
  if ((await listAssignmentsOfGroup(context.database, actor.accountId, name)).length > 0) return
  await removeGroup(context, actor, name)
}

async function withExtension({ database }: AppContext, record: AssignmentRecord): Promise<StateConfiguration> {
  const extension = await getExtensionByName(database, record.row.accountId, record.row.extension)
  return { ...record, extensionId: extension?.id }
}
